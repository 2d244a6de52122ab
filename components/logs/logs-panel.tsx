import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { ChevronRight, ScrollText } from "lucide-react";
import type { CommandSummary } from "@/studio/contract/command.ts";
import { api } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { formatTime } from "../lib/format.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useProject } from "../project/project-store.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { CommandDot } from "./command-state.tsx";
import { CommandOutputView } from "./command-output.tsx";

const SOURCES: Record<CommandSummary["source"], string> = {
  agent: "agent",
  user: "you",
  other: "another program",
};

/** Every command of the project's sandbox, and the output of the one that is chosen; else of the newest. */
export function LogsPanel({ visible }: { visible: boolean }) {
  const sandboxId = useProject((state) => state.project.sandboxId);
  const commands = useProject((state) => state.commands);
  const chosen = useProject((state) => state.ui.openCommand);
  const openCommand = useProject((state) => state.openCommand);
  // Read again when the studio is back.
  const reachable = useProject((state) => state.connection !== "lost");
  const loaded = useProject((state) => state.loaded);
  const command = commands.find(({ cmdId }) => cmdId === chosen) ?? commands[0];
  return (
    <section aria-label="Logs" className="@container flex h-full min-h-0 overflow-clip bg-card">
      {sandboxId === undefined ? (
        <EmptyState icon={<ScrollText />} title="No commands yet" className="w-full">
          Each command that the agent or you run is listed here, with all that it writes.
        </EmptyState>
      ) : (
        <div className="flex min-h-0 min-w-0 flex-1 flex-col @xl:flex-row">
          <div className="flex max-h-[35%] w-full shrink-0 flex-col border-b @xl:max-h-none @xl:w-60 @xl:border-r @xl:border-b-0">
            <ul aria-label="Commands" className="min-h-0 flex-1 overflow-y-auto py-1">
              {commands.map((entry) => (
                <li key={entry.cmdId}>
                  <button
                    type="button"
                    aria-current={entry.cmdId === command?.cmdId}
                    onClick={() => openCommand(entry.cmdId)}
                    className={cn(
                      "flex w-full items-center gap-2 px-3 py-1 text-left text-xs transition-colors hover:bg-accent focus-visible:-outline-offset-2",
                      entry.cmdId === command?.cmdId && "bg-accent",
                    )}
                  >
                    <CommandDot command={entry} />
                    <code className="min-w-0 flex-1 truncate">{entry.command}</code>
                    <span
                      className="shrink-0 text-2xs text-muted-foreground tabular-nums"
                      title={`Started by ${SOURCES[entry.source]}`}
                    >
                      {formatTime(entry.startedAt)}
                    </span>
                  </button>
                </li>
              ))}
              {loaded && commands.length === 0 && (
                <li className="px-3 py-1 text-xs text-muted-foreground">None yet.</li>
              )}
            </ul>
            <RunForm sandboxId={sandboxId} onStarted={(started) => openCommand(started.cmdId)} />
          </div>
          <div className="min-h-0 min-w-0 flex-1">
            {command ? (
              <CommandOutputView
                key={command.cmdId}
                sandboxId={sandboxId}
                command={command}
                seen={visible && reachable}
              />
            ) : !loaded ? null : (
              <EmptyState title="Nothing to show">Run a command, or ask the agent to.</EmptyState>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

function RunForm({
  sandboxId,
  onStarted,
}: {
  sandboxId: string;
  onStarted: (command: CommandSummary) => void;
}) {
  const [line, setLine] = useState("");
  const start = useMutation({
    mutationFn: (command: string) => api.startCommand(sandboxId, command),
    onSuccess: (command) => {
      setLine("");
      onStarted(command);
    },
    onError: (error) => notifyFailure("The command could not be started", error),
  });
  return (
    <form
      className="flex h-8 shrink-0 items-center gap-1 border-t px-2 focus-within:bg-accent"
      onSubmit={(event) => {
        event.preventDefault();
        if (line.trim() !== "" && !start.isPending) start.mutate(line.trim());
      }}
    >
      <ChevronRight aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <input
        aria-label="Run a command"
        placeholder="Run a command"
        value={line}
        disabled={start.isPending}
        onChange={(event) => setLine(event.target.value)}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        className="h-full min-w-0 flex-1 bg-transparent font-mono text-xs outline-none placeholder:font-sans placeholder:text-muted-foreground"
      />
    </form>
  );
}
