import { type ReactNode, useState } from "react";
import {
  Ban,
  Check,
  CircleSlash,
  FilePen,
  FilePlus2,
  FileText,
  FolderTree,
  Globe,
  Hand,
  Box,
  ScrollText,
  Square,
  SquareTerminal,
  X,
} from "lucide-react";
import { cn } from "../lib/cn.ts";
import { formatDuration } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { ApprovalRequest } from "./approval-request.tsx";
import { describeTool, TOOL_STATE_NAMES } from "./describe-tool.ts";
import { RunIds } from "./run-ids.tsx";
import { ToolFiles } from "./tool-files.tsx";
import { ToolResult, hasResult } from "./tool-result.tsx";
import type { Timing, ToolPart, ToolState } from "./tool-part.ts";

const ICONS: Record<ToolPart["type"], ReactNode> = {
  "tool-createSandbox": <Box />,
  "tool-generateFiles": <FilePlus2 />,
  "tool-editFile": <FilePen />,
  "tool-readFile": <FileText />,
  "tool-listFiles": <FolderTree />,
  "tool-runCommand": <SquareTerminal />,
  "tool-getCommandLogs": <ScrollText />,
  "tool-getSandboxUrl": <Globe />,
  "tool-stop": <Square />,
};

const STATE_ICONS: Record<ToolState, ReactNode> = {
  waiting: <Hand className="text-warning" />,
  running: <Spinner className="text-primary" />,
  done: <Check className="text-success" />,
  failed: <X className="text-destructive" />,
  denied: <Ban className="text-muted-foreground" />,
  interrupted: <CircleSlash className="text-warning" />,
};

const LINE = "min-h-8 px-2.5";

export interface ToolCardProps {
  part: ToolPart;
  timing: Timing | undefined;
  /** Whether its message is still being written. */
  growing: boolean;
  onAnswer: (approvalId: string, approved: boolean) => void;
}

/** One tool call: what was done, how long it took, what came of it. */
export function ToolCard({ part, timing, growing, onAnswer }: ToolCardProps) {
  const words = describeTool(part, growing);
  const { state, verb, object, note } = words;
  // What failed is opened by itself, until the user decides otherwise.
  const [chosen, setChosen] = useState<boolean>();
  const line = (
    <>
      <span aria-hidden className="text-muted-foreground [&_svg]:size-3.5">
        {ICONS[part.type]}
      </span>
      <span className="flex min-w-0 flex-1 items-baseline gap-1.5">
        <span className="shrink-0">{verb}</span>
        {object && (
          <code className="min-w-0 truncate text-xs text-muted-foreground" title={object}>
            {object}
          </code>
        )}
      </span>
      {note && (
        <span
          className={cn(
            "shrink-0 text-xs text-muted-foreground tabular-nums",
            state === "failed" && "text-destructive",
          )}
        >
          {note}
        </span>
      )}
      <Duration timing={timing} running={state === "running"} />
      <span className="flex size-4 shrink-0 items-center justify-center [&_svg]:size-3.5">
        {STATE_ICONS[state]}
      </span>
      <span className="sr-only">{TOOL_STATE_NAMES[state]}</span>
    </>
  );
  return (
    <div className="overflow-hidden rounded-lg border bg-card text-ui">
      {hasResult(part) ? (
        <Disclosure
          open={chosen ?? state === "failed"}
          onOpenChange={setChosen}
          sign="end"
          lineClassName={cn(LINE, "transition-colors hover:bg-accent")}
          summary={line}
        >
          <ToolResult part={part} />
        </Disclosure>
      ) : (
        // The place of the sign that others have: their marks stand one below the other.
        <div className={cn(LINE, "flex items-center gap-2 pr-8")}>{line}</div>
      )}
      {timing?.runIds && <RunIds runIds={timing.runIds} />}
      {part.type === "tool-generateFiles" && <ToolFiles part={part} growing={growing} />}
      {part.state === "approval-requested" && (
        <ApprovalRequest
          part={part}
          onAnswer={(approved) => onAnswer(part.approval.id, approved)}
        />
      )}
    </div>
  );
}

function Duration({ timing, running }: { timing: Timing | undefined; running: boolean }) {
  const live = running && timing !== undefined && timing.endedAt === undefined;
  const now = useNow(1_000, live);
  const end = timing?.endedAt ?? (live ? Math.max(now, timing.startedAt) : undefined);
  if (!timing || end === undefined) return null;
  return (
    <span className="shrink-0 text-xs text-muted-foreground tabular-nums">
      {formatDuration(
        live ? Math.floor((end - timing.startedAt) / 1_000) * 1_000 : end - timing.startedAt,
      )}
    </span>
  );
}
