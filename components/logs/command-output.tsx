import { useMemo, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { ArrowDown, ChevronDown, ChevronUp, Download, Search, Skull } from "lucide-react";
import type { CommandSummary } from "@/studio/contract/command.ts";
import { api } from "../lib/api.ts";
import { saveText } from "../lib/save-text.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useStickToBottom } from "../lib/use-stick-to-bottom.ts";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/failure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { CommandState } from "./command-state.tsx";
import { OutputLines } from "./output-lines.tsx";
import { searchLines } from "./search-lines.ts";
import { useCommandOutput } from "./use-command-output.ts";

/** One command's output, live; with its end, a search and a way to end it. */
export function CommandOutputView({
  sandboxId,
  command,
  seen,
}: {
  sandboxId: string;
  command: CommandSummary;
  seen: boolean;
}) {
  const { cmdId } = command;
  const { lines, state, error, retry } = useCommandOutput({ sandboxId, cmdId, seen });
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const matches = useMemo(() => searchLines(lines, text), [lines, text]);
  const { ref, atEnd, toEnd } = useStickToBottom();
  const current = matches.length > 0 ? matches[index % matches.length] : undefined;
  const step = (by: number) =>
    setIndex((before) => (before + by + matches.length) % Math.max(1, matches.length));

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
        <search className="flex h-6 w-40 min-w-24 shrink grow items-center @lg:grow-0 rounded-md bg-muted pr-1 pl-2 focus-within:ring-2 focus-within:ring-ring">
          <Search aria-hidden className="size-3 shrink-0 text-muted-foreground" />
          <input
            type="text"
            aria-label="Search the output"
            placeholder="Search"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setIndex(0);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
              if (event.key === "Escape") setText("");
            }}
            className="h-full w-full min-w-0 bg-transparent px-1.5 text-xs outline-none placeholder:text-muted-foreground"
          />
          {text !== "" && (
            <span role="status" className="shrink-0 text-2xs text-muted-foreground tabular-nums">
              {matches.length === 0 ? "none" : `${(index % matches.length) + 1}/${matches.length}`}
            </span>
          )}
        </search>
        {matches.length > 1 && (
          <span className="flex">
            <IconButton label="Previous match" className="size-6" onClick={() => step(-1)}>
              <ChevronUp />
            </IconButton>
            <IconButton label="Next match" className="size-6" onClick={() => step(1)}>
              <ChevronDown />
            </IconButton>
          </span>
        )}
        <IconButton
          label="Save the output as text"
          disabled={lines.length === 0}
          onClick={() =>
            saveText(`${command.cmdId}.log`, lines.map((line) => line.text).join("\n"))
          }
        >
          <Download />
        </IconButton>
        {command.exitCode === null && <KillButton sandboxId={sandboxId} cmdId={command.cmdId} />}
      </div>
      <div className="relative min-h-0 flex-1">
        <div
          ref={ref}
          tabIndex={0}
          role="region"
          aria-label="Output"
          className="h-full overflow-y-auto bg-code [overflow-anchor:none] focus-visible:-outline-offset-2"
        >
          <div>
            <OutputLines lines={lines} matches={matches} current={current} />
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
        {!atEnd && (
          <Button onClick={toEnd} className="absolute right-4 bottom-3 rounded-full shadow-float">
            <ArrowDown />
            End
          </Button>
        )}
      </div>
    </div>
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
