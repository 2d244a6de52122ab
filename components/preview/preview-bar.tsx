import { useState } from "react";
import { ExternalLink, Monitor, RotateCw, Smartphone, Tablet } from "lucide-react";
import type { PreviewState } from "@/studio/contract/preview.ts";
import { Button } from "../ui/button.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { StatusDot, type Tone } from "../ui/status-dot.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { DEVICES, type Device } from "./devices.ts";
import { addressIn } from "./preview-address.ts";

/** Each phase as a word and a colour. */
export const PHASES: Record<PreviewState["phase"], { word: string; tone: Tone }> = {
  none: { word: "No app yet", tone: "quiet" },
  stopped: { word: "Stopped", tone: "quiet" },
  starting: { word: "Starting", tone: "busy" },
  waiting: { word: "Waiting for port", tone: "busy" },
  up: { word: "Up", tone: "good" },
  crashed: { word: "Crashed", tone: "bad" },
};

export interface PreviewBarProps {
  preview: PreviewState;
  path: string;
  device: Device;
  onDeviceChange: (device: Device) => void;
  onGo: (typed: string) => void;
  onReload: () => void;
}

/** State and address of the app, and how it is shown. */
export function PreviewBar(props: PreviewBarProps) {
  const { preview, path, device, onDeviceChange, onGo, onReload } = props;
  const { url, phase, port } = preview;
  const up = phase === "up" && url !== undefined;

  return (
    <div className="@container flex h-10 shrink-0 items-center gap-1.5 border-b bg-card px-2">
      <Tooltip text={preview.message || PHASES[phase].word}>
        <span
          role="status"
          tabIndex={0}
          className="flex h-7 shrink-0 items-center gap-1.5 rounded-md px-1.5 text-xs font-medium"
        >
          <StatusDot tone={PHASES[phase].tone} />
          {PHASES[phase].word}
        </span>
      </Tooltip>
      <IconButton label="Reload the preview" disabled={!up} onClick={onReload}>
        <RotateCw />
      </IconButton>
      <AddressField key={path} path={up ? path : undefined} port={port} onGo={onGo} />
      <Segmented
        label="Width of the preview"
        value={device}
        onValueChange={onDeviceChange}
        iconsOnly
        className="hidden @md:inline-flex"
        segments={[
          { value: "full", label: DEVICES.full.label, icon: <Monitor /> },
          { value: "tablet", label: DEVICES.tablet.label, icon: <Tablet /> },
          { value: "phone", label: DEVICES.phone.label, icon: <Smartphone /> },
        ]}
      />
      {up ? (
        <Tooltip text="Open in a new tab">
          <Button variant="ghost" size="icon" asChild>
            <a
              href={addressIn(url, path)}
              target="_blank"
              rel="noreferrer"
              aria-label="Open in a new tab"
            >
              <ExternalLink />
            </a>
          </Button>
        </Tooltip>
      ) : (
        <IconButton label="Open in a new tab" disabled>
          <ExternalLink />
        </IconButton>
      )}
    </div>
  );
}

interface AddressFieldProps {
  /** Where the app is now; undefined while there is none. */
  path: string | undefined;
  port: number | undefined;
  onGo: (typed: string) => void;
}

function AddressField({ path, port, onGo }: AddressFieldProps) {
  const [typed, setTyped] = useState<string>();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onGo(typed ?? path ?? "/");
      }}
      className="flex h-7 min-w-0 flex-1 items-center rounded-md bg-muted px-2 text-xs focus-within:ring-2 focus-within:ring-ring"
    >
      {port !== undefined && (
        <span className="shrink-0 text-muted-foreground select-none">localhost:{port}</span>
      )}
      <input
        aria-label="Path in the app"
        value={path === undefined ? "" : (typed ?? path)}
        disabled={path === undefined}
        onChange={(event) => setTyped(event.target.value)}
        spellCheck={false}
        autoComplete="off"
        className="h-full min-w-0 flex-1 bg-transparent outline-none"
      />
    </form>
  );
}
