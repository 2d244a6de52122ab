import Link from "next/link";
import { useMutation } from "@tanstack/react-query";
import { Box, CirclePause, Play } from "lucide-react";
import type { SandboxStatus } from "@/studio/contract/sandbox.ts";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { Button } from "../ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu.tsx";
import { StatusDot, type Tone } from "../ui/status-dot.tsx";
import { useProject } from "./project-store.ts";

/** Each status as a word and a colour. */
export const SANDBOX_STATES: Record<SandboxStatus, { word: string; tone: Tone }> = {
  pending: { word: "Starting", tone: "busy" },
  running: { word: "Running", tone: "good" },
  stopping: { word: "Stopping", tone: "busy" },
  stopped: { word: "Stopped", tone: "quiet" },
  failed: { word: "Failed", tone: "bad" },
  aborted: { word: "Ended", tone: "warning" },
  snapshotting: { word: "Taking a snapshot", tone: "busy" },
};

/** The state of the project's sandbox, and what can be done with it. Nothing, while there is none. */
export function SandboxChip() {
  const sandbox = useProject((state) => state.sandbox);
  const act = useMutation({
    mutationFn: ({ sandboxId, action }: { sandboxId: string; action: "stop" | "resume" }) =>
      api.actOnSandbox(sandboxId, { action }),
    onError: (error) => notifyFailure("The sandbox did not do that", error),
  });
  if (!sandbox) return null;
  const { sandboxId, status } = sandbox;
  const { word, tone } = SANDBOX_STATES[status];
  return (
    <Menu
      trigger={
        <Button variant="ghost" aria-label={`Sandbox: ${word}`}>
          <StatusDot tone={act.isPending ? "busy" : tone} />
          <span className="max-sm:hidden">{word}</span>
        </Button>
      }
    >
      <p className="max-w-64 truncate px-2 py-1 font-mono text-2xs text-muted-foreground">
        {sandboxId}
      </p>
      <MenuSeparator />
      {status === "running" ? (
        <MenuItem onSelect={() => act.mutate({ sandboxId, action: "stop" })}>
          <CirclePause />
          Stop, and keep the files
        </MenuItem>
      ) : (
        <MenuItem
          disabled={tone === "busy"}
          onSelect={() => act.mutate({ sandboxId, action: "resume" })}
        >
          <Play />
          Start again
        </MenuItem>
      )}
      <MenuItem asChild>
        <Link href="/sandboxes">
          <Box />
          All sandboxes
        </Link>
      </MenuItem>
    </Menu>
  );
}
