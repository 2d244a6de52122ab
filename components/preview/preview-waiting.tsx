import { AppWindow, CirclePause, OctagonX, ScrollText } from "lucide-react";
import type { PreviewState } from "@/studio/contract/preview.ts";
import { AnsiText } from "../logs/ansi-text.tsx";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { AskToFix } from "./ask-to-fix.tsx";
import { ResumeButton } from "../sandboxes/resume-button.tsx";

/** What stands in the app's place while there is none to see: why, and what can be done. */
export function PreviewWaiting({ preview }: { preview: PreviewState }) {
  const running = useProject((state) => state.project.turn.status === "running");
  const sandbox = useProject((state) => state.sandbox);
  const loaded = useProject((state) => state.loaded);
  const { phase, message } = preview;
  if (!loaded) return null;
  switch (phase) {
    case "none":
      return (
        <EmptyState icon={running ? <Spinner /> : <AppWindow />} title="The app appears here">
          {running ? "The agent has begun. As soon as something can be seen, you see it." : message}
        </EmptyState>
      );
    case "stopped":
      return (
        <EmptyState
          icon={<CirclePause />}
          title="Nothing runs"
          actions={
            sandbox &&
            sandbox.status !== "running" && <ResumeButton sandboxId={sandbox.sandboxId} />
          }
        >
          {message}
        </EmptyState>
      );
    case "starting":
    case "waiting":
      return (
        <EmptyState
          icon={<Spinner />}
          title={phase === "starting" ? "The app starts" : "Waiting for the app’s port"}
          actions={<LogsButton cmdId={preview.cmdId} />}
        >
          {message}
        </EmptyState>
      );
    case "up":
      return <EmptyState icon={<Spinner />} title="The app is up" />;
    case "crashed":
      return <Crashed preview={preview} />;
  }
}

function Crashed({ preview }: { preview: PreviewState }) {
  const { exitCode, lastLines = [], message, cmdId } = preview;
  return (
    <div className="flex h-full flex-col items-center justify-center gap-3 overflow-y-auto p-6">
      <div className="flex items-center gap-2">
        <OctagonX aria-hidden className="size-4 text-destructive" />
        <p className="font-medium">
          The app has ended{exitCode == null ? "" : ` with code ${exitCode}`}
        </p>
      </div>
      <p className="max-w-md text-center text-muted-foreground">{message}</p>
      {lastLines.length > 0 && (
        <AnsiText
          text={lastLines.join("\n")}
          className="max-h-64 w-full max-w-2xl overflow-auto rounded-lg border bg-code p-3 text-xs break-words whitespace-pre-wrap"
        />
      )}
      <div className="flex flex-wrap justify-center gap-2">
        <LogsButton cmdId={cmdId} />
        <AskToFix problem={`${message}\n${lastLines.join("\n")}`.trim()} />
      </div>
    </div>
  );
}

function LogsButton({ cmdId }: { cmdId: string | undefined }) {
  const openCommand = useProject((state) => state.openCommand);
  return (
    <Button onClick={() => openCommand(cmdId)}>
      <ScrollText />
      Show its output
    </Button>
  );
}
