import dynamic from "next/dynamic";
import { Plus, SquareTerminal, X } from "lucide-react";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import { cn } from "../lib/cn.ts";
import { useProject } from "../project/project-store.ts";
import { StoppedSandbox, useSandboxRuns } from "../project/stopped-sandbox.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { type Terminals, useTerminals } from "./use-terminals.ts";

const TerminalView = dynamic(
  () => import("./terminal-view.tsx").then((module) => module.TerminalView),
  { ssr: false, loading: () => <Spinner className="m-3 text-muted-foreground" /> },
);

/** Shells in the project's sandbox, each in a tab. */
export function TerminalPanel({ visible }: { visible: boolean }) {
  const sandboxId = useProject((state) => state.project.sandboxId);
  const runs = useSandboxRuns();
  return (
    <section aria-label="Terminal" className="flex h-full min-h-0 flex-col bg-card">
      {sandboxId === undefined ? (
        <EmptyState icon={<SquareTerminal />} title="No sandbox yet">
          A terminal opens in the project’s sandbox, which the agent makes with its first step.
        </EmptyState>
      ) : !runs ? (
        <StoppedSandbox what="Terminals end with it. Start it to open one." />
      ) : (
        <Shells key={sandboxId} sandboxId={sandboxId} visible={visible} />
      )}
    </section>
  );
}

function Shells({ sandboxId, visible }: { sandboxId: string; visible: boolean }) {
  const shells = useTerminals(sandboxId, visible);
  const { terminals, active, error } = shells;
  if (error) {
    return (
      <Failure
        className="m-3"
        title="The terminals could not be listed"
        error={error}
        onRetry={shells.refetch}
      />
    );
  }
  return (
    <>
      <TerminalBar shells={shells} />
      <div className="min-h-0 flex-1">
        {terminals.map(({ terminalId, title }) => (
          <div key={terminalId} hidden={terminalId !== active?.terminalId} className="h-full">
            <TerminalView
              sandboxId={sandboxId}
              terminalId={terminalId}
              title={title}
              active={visible && terminalId === active?.terminalId}
              onRefused={shells.refetch}
              onExit={() => shells.noteEnd(terminalId)}
            />
          </div>
        ))}
        {terminals.length === 0 && shells.listed && !shells.opening && (
          <EmptyState
            icon={<SquareTerminal />}
            title="No terminal is open"
            actions={<Button onClick={shells.open}>Open one</Button>}
          />
        )}
      </div>
    </>
  );
}

function TerminalBar({ shells }: { shells: Terminals }) {
  const { terminals, active, choose, close, open, opening } = shells;
  return (
    <div className="flex h-8 shrink-0 items-center gap-1 border-b px-1.5">
      <div role="group" aria-label="Terminals" className="flex min-w-0 gap-1 overflow-x-auto">
        {terminals.map((terminal) => (
          <div
            key={terminal.terminalId}
            className={cn(
              "flex h-6 items-center rounded-sm pr-0.5 text-xs",
              terminal === active ? "bg-accent" : "text-muted-foreground",
            )}
          >
            <button
              type="button"
              aria-pressed={terminal === active}
              onClick={() => choose(terminal.terminalId)}
              className="h-full max-w-40 truncate px-2"
            >
              {terminal.title}
            </button>
            <button
              type="button"
              aria-label={`Close ${terminal.title}`}
              onClick={() => close(terminal)}
              className="rounded-sm p-0.5 hover:bg-input"
            >
              <X aria-hidden className="size-3" />
            </button>
          </div>
        ))}
      </div>
      <IconButton
        label="New terminal"
        className="size-6"
        disabled={opening || terminals.length >= STUDIO_LIMITS.terminalsPerSandbox}
        onClick={open}
      >
        {opening ? <Spinner /> : <Plus />}
      </IconButton>
    </div>
  );
}
