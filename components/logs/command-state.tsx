import type { CommandSummary } from "@/studio/contract/command.ts";
import { cn } from "../lib/cn.ts";
import { formatDuration } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import { StatusDot } from "../ui/status-dot.tsx";

/** Whether a command runs, for how long, or how it ended. */
export function CommandState({ command }: { command: CommandSummary }) {
  const { exitCode, startedAt, durationMs } = command;
  const running = exitCode === null;
  const now = useNow(1_000, running);
  const elapsed = running ? Math.floor(Math.max(0, now - startedAt) / 1_000) * 1_000 : durationMs;
  return (
    <span className="flex shrink-0 items-center gap-2 text-xs text-muted-foreground tabular-nums">
      {elapsed !== undefined && <span>{formatDuration(elapsed)}</span>}
      <span
        className={cn(
          "rounded-sm px-1.5 font-medium",
          running && "bg-success-soft text-success",
          exitCode === 0 && "bg-muted text-muted-foreground",
          !running && exitCode !== 0 && "bg-destructive-soft text-destructive",
        )}
      >
        {running ? "running" : `exit ${exitCode}`}
      </span>
    </span>
  );
}

/** The same as a colour alone, for lists; the words are read out. */
export function CommandDot({ command: { exitCode } }: { command: CommandSummary }) {
  if (exitCode === null) return <StatusDot tone="good" words="running" />;
  if (exitCode === 0) return <StatusDot tone="quiet" words="ended well" />;
  return <StatusDot tone="bad" words={`ended with ${exitCode}`} />;
}
