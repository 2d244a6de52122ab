import { Button } from "../ui/button.tsx";
import type { ToolPart } from "./tool-part.ts";

export interface ApprovalRequestProps {
  part: ToolPart;
  onAnswer: (approved: boolean) => void;
}

/** Asks for the user's yes before a tool runs, and shows all of what it would do. */
export function ApprovalRequest({ part, onAnswer }: ApprovalRequestProps) {
  const command = part.type === "tool-runCommand" ? part.input?.command : undefined;
  return (
    <div className="space-y-2 border-t bg-warning-soft px-2.5 py-2.5">
      {command !== undefined && (
        <pre className="max-h-40 overflow-auto rounded-md border bg-code px-2.5 py-1.5 text-xs break-all whitespace-pre-wrap">
          {command}
        </pre>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1">
          {command === undefined ? "May the agent do this?" : "May the agent run this command?"}
        </p>
        <Button onClick={() => onAnswer(false)}>Deny</Button>
        <Button variant="primary" onClick={() => onAnswer(true)}>
          {command === undefined ? "Allow" : "Run it"}
        </Button>
      </div>
    </div>
  );
}
