import { memo } from "react";
import { History, Wrench } from "lucide-react";
import type { StudioMessage } from "@/studio/contract/message.ts";
import { countOf } from "../lib/format.ts";
import { useProject } from "../project/project-store.ts";
import { Markdown } from "./markdown.tsx";
import { NoticeView } from "./notice-view.tsx";
import { Reasoning } from "./reasoning.tsx";
import { isToolPart, type Part, type Timing } from "./tool-part.ts";
import { ToolCard } from "./tool-card.tsx";

export interface MessageViewProps {
  message: StudioMessage;
  /** Whether it is still being written. */
  growing: boolean;
  onAnswer: (approvalId: string, approved: boolean) => void;
}

/** One message of the chat. Renders only when it changes. */
export const MessageView = memo(function MessageView(props: MessageViewProps) {
  return props.message.role === "user" ? (
    <UserMessage message={props.message} />
  ) : (
    <Answer {...props} />
  );
});

function UserMessage({ message }: { message: StudioMessage }) {
  const problems = message.parts.flatMap((part) =>
    part.type === "data-problems" ? part.data.problems : [],
  );
  const text = message.parts
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("\n")
    .trim();
  if (message.metadata?.cause === "auto-fix" || problems.length > 0) {
    return (
      <div className="rounded-lg border bg-muted px-3 py-2">
        <p className="flex items-center gap-1.5 font-medium">
          <Wrench aria-hidden className="size-3.5 text-muted-foreground" />
          Auto-fix sent {problems.length > 0 ? countOf(problems.length, "problem") : "a message"}
        </p>
        {text && <p className="mt-1 whitespace-pre-wrap text-muted-foreground">{text}</p>}
        <ul className="mt-1 space-y-1">
          {problems.map(({ message: problem, location }, index) => (
            <li key={index} className="text-xs break-words text-muted-foreground">
              <code className="text-foreground">{problem}</code>
              {location && <> in {location}</>}
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div className="flex justify-end">
      <div className="prose-chat max-w-[85%] rounded-xl rounded-br-sm bg-accent px-3.5 py-2 whitespace-pre-wrap">
        {text}
      </div>
    </div>
  );
}

function Answer({ message, growing, onAnswer }: MessageViewProps) {
  const timings = new Map<string, Timing>();
  for (const part of message.parts) {
    if (part.type === "data-timing") timings.set(part.data.toolCallId, part.data);
  }
  const last = message.parts.findLastIndex(isSeen);
  return (
    <div className="space-y-2.5">
      {message.parts.map((part, index) => (
        <AnswerPart
          key={isToolPart(part) ? part.toolCallId : index}
          part={part}
          timings={timings}
          growing={growing}
          last={index === last}
          onAnswer={onAnswer}
        />
      ))}
    </div>
  );
}

interface AnswerPartProps extends Omit<MessageViewProps, "message"> {
  part: Part;
  timings: ReadonlyMap<string, Timing>;
  /** Whether nothing that is seen comes after it yet. */
  last: boolean;
}

function AnswerPart({ part, timings, growing, last, onAnswer }: AnswerPartProps) {
  if (isToolPart(part)) {
    const timing = timings.get(part.toolCallId);
    return <ToolCard part={part} timing={timing} growing={growing} onAnswer={onAnswer} />;
  }
  if (part.type === "text" && part.text.trim() !== "") {
    return <Markdown text={part.text} growing={growing && last} />;
  }
  if (part.type === "reasoning" && part.text.trim() !== "") {
    return <Reasoning text={part.text} growing={growing && last} />;
  }
  if (part.type === "data-notice") return <NoticeView notice={part.data} />;
  if (part.type === "data-checkpoint") return <CheckpointLine {...part.data} />;
  // Timings and the budget are shown elsewhere; files and sources are none of the studio's.
  return null;
}

function CheckpointLine({
  checkpointId,
  changedFiles,
}: {
  checkpointId: string;
  changedFiles: number;
}) {
  const openDiff = useProject((state) => state.openDiff);
  return (
    <button
      type="button"
      onClick={() => openDiff(checkpointId)}
      className="flex items-center gap-1.5 rounded-md text-xs text-muted-foreground transition-colors hover:text-foreground"
    >
      <History aria-hidden className="size-3.5" />
      Checkpoint: {countOf(changedFiles, "file")} changed
    </button>
  );
}

function isSeen(part: Part): boolean {
  return part.type === "text" || part.type === "reasoning" || isToolPart(part);
}
