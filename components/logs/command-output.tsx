import { useMutation } from "@tanstack/react-query";
import { Download, Skull } from "lucide-react";
import type { CommandSummary } from "@/studio/contract/command.ts";
import { api } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { countOf } from "../lib/format.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useStickToBottom } from "../lib/use-stick-to-bottom.ts";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/failure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { ToEndButton } from "../ui/to-end-button.tsx";
import { CommandState } from "./command-state.tsx";
import { OutputLines } from "./output-lines.tsx";
import { OutputSearchField, useOutputSearch } from "./output-search.tsx";
import { saveOutput, type ShownOutput } from "./save-output.ts";
import { useCommandOutput } from "./use-command-output.ts";

export interface CommandOutputViewProps {
  sandboxId: string;
  command: CommandSummary;
  /** Whether somebody looks at it: only then it is followed. */
  seen: boolean;
}

/** One command's output, live; with its end, a search and a way to end it. */
export function CommandOutputView({ sandboxId, command, seen }: CommandOutputViewProps) {
  const { cmdId } = command;
  const { lines, dropped, state, error, retry } = useCommandOutput({ sandboxId, cmdId, seen });
  const search = useOutputSearch(lines);
  const { ref, atEnd, toEnd } = useStickToBottom();
  return (
    <div className="@container flex h-full min-h-0 flex-col">
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b px-3 py-1">
        <code
          className="min-w-0 grow basis-full truncate text-xs @lg:basis-0"
          title={command.command}
        >
          {command.command}
        </code>
        <CommandState command={command} />
        <OutputSearchField search={search} />
        <SaveButton output={{ sandboxId, command, lines, dropped }} />
        {command.exitCode === null && <KillButton sandboxId={sandboxId} cmdId={cmdId} />}
      </div>
      <div className="relative min-h-0 flex-1">
        <div
          ref={ref}
          tabIndex={0}
          role="region"
          aria-label="Output"
          className={cn(
            "h-full overflow-y-auto bg-code focus-visible:-outline-offset-2",
            // Where the end is followed the browser must not hold on to a line; else it must.
            atEnd && "[overflow-anchor:none]",
          )}
        >
          <div>
            {dropped > 0 && (
              <p className="border-b px-3 py-1.5 text-xs text-muted-foreground">
                {countOf(dropped, "line")} before these are not shown. Once the command has ended,
                saving the output gives all of it.
              </p>
            )}
            <OutputLines
              lines={lines}
              dropped={dropped}
              matches={search.matches}
              current={search.current}
            />
            {lines.length === 0 && state !== "failed" && (
              <p className="px-3 text-xs text-muted-foreground">
                {state === "ended" ? "It wrote nothing." : "Nothing written yet."}
              </p>
            )}
            {state === "failed" && (
              <Failure
                className="m-3"
                title="The output could not be read on"
                error={error}
                onRetry={retry}
              />
            )}
          </div>
        </div>
        <ToEndButton atEnd={atEnd} onClick={toEnd} className="right-4 bottom-3">
          End
        </ToEndButton>
      </div>
    </div>
  );
}

function SaveButton({ output }: { output: ShownOutput }) {
  const save = useMutation({
    mutationFn: saveOutput,
    onError: (error) => notifyFailure("The output could not be saved", error),
  });
  return (
    <IconButton
      label="Save the output as text"
      disabled={output.lines.length === 0 || save.isPending}
      onClick={() => save.mutate(output)}
    >
      {save.isPending ? <Spinner /> : <Download />}
    </IconButton>
  );
}

function KillButton({ sandboxId, cmdId }: { sandboxId: string; cmdId: string }) {
  const kill = useMutation({
    mutationFn: () => api.killCommand(sandboxId, cmdId),
    onError: (error) => notifyFailure("The command could not be ended", error),
  });
  return (
    <Button className="h-6" disabled={kill.isPending} onClick={() => kill.mutate()}>
      {kill.isPending ? <Spinner /> : <Skull />}
      Kill
    </Button>
  );
}
