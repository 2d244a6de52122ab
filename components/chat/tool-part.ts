import { isToolUIPart } from "ai";
import type { StudioMessage } from "@/studio/contract/message.ts";

/** A piece of a message. */
export type Part = StudioMessage["parts"][number];

/** A call of one of the agent's tools, with its state, input and result. */
export type ToolPart = Extract<Part, { type: `tool-${string}` }>;

/** When the tool of a call ran and, where tools run as tasks, in which runs. */
export interface Timing {
  startedAt: number;
  endedAt?: number | undefined;
  runIds?: readonly string[] | undefined;
}

/** Whether it is a call of one of the agent's own tools; the studio has no others. */
export function isToolPart(part: Part): part is ToolPart {
  return isToolUIPart(part) && part.type !== "dynamic-tool";
}

/** How far a call is, as a person sees it. */
export type ToolState = "waiting" | "running" | "done" | "failed" | "denied" | "interrupted";

/** The state of a call. In a message that is not growing any more, a call without a result was interrupted. */
export function toolStateOf(part: ToolPart, growing: boolean): ToolState {
  switch (part.state) {
    case "approval-requested":
      return "waiting";
    case "output-error":
      return "failed";
    case "output-denied":
      return "denied";
    case "output-available":
      return failedByResult(part) ? "failed" : "done";
    case "approval-responded":
      if (part.approval.approved === false) return "denied";
      return growing ? "running" : "interrupted";
    case "input-streaming":
    case "input-available":
      return growing ? "running" : "interrupted";
  }
}

// A command that ends with another code than 0 is a result for the tool, and a failure for who looks at it.
function failedByResult(part: ToolPart): boolean {
  if (part.type !== "tool-runCommand" || part.state !== "output-available") return false;
  const { state, exitCode } = part.output;
  return state === "timed-out" || (exitCode !== null && exitCode !== 0);
}
