import { isToolUIPart } from "ai";
import type { ApprovalAnswer } from "../../contract/chat.ts";
import { StudioError } from "../../contract/errors.ts";
import type { StudioChunk, StudioMessage } from "../../contract/message.ts";

/** The calls of a message that wait for the user's yes or no: the ids of their approvals. */
export function openApprovals(message: StudioMessage | undefined): string[] {
  return (message?.parts ?? []).flatMap((part) =>
    isToolUIPart(part) && part.state === "approval-requested" ? [part.approval.id] : [],
  );
}

/** The calls that an answered message has still to run, or to refuse. */
export function answeredCalls(message: StudioMessage | undefined): string[] {
  return (message?.parts ?? []).flatMap((part) =>
    isToolUIPart(part) && part.state === "approval-responded" ? [part.toolCallId] : [],
  );
}

/**
 * The answers as chunks of the message's stream. Throws `bad_request` when one is missing, or for something
 * that was not asked.
 */
export function answerApprovals(
  message: StudioMessage | undefined,
  answers: readonly ApprovalAnswer[],
): StudioChunk[] {
  const open = openApprovals(message);
  const given = new Set(answers.map(({ approvalId }) => approvalId));
  if (open.length !== given.size || open.some((id) => !given.has(id))) {
    throw new StudioError(
      "bad_request",
      open.length === 0
        ? "No tool waits for an answer any more. Reload the page to see how it went on."
        : `Each of the ${open.length} tools that wait needs one answer, and nothing else may be answered.`,
      { field: "approvals" },
    );
  }
  return answers.map(({ approvalId, approved, reason }) => ({
    type: "tool-approval-response",
    approvalId,
    approved,
    ...(reason !== undefined && { reason }),
  }));
}

/** Refuses what still waits, because the user went on without an answer. */
export function refuseOpenApprovals(message: StudioMessage): StudioMessage {
  return {
    ...message,
    parts: message.parts.map((part) => {
      if (!isToolUIPart(part) || part.state !== "approval-requested") return part;
      const approval = {
        id: part.approval.id,
        approved: false,
        reason: "The user went on without an answer.",
      };
      // The union of all tools' parts is too wide for the compiler to see that this is one of them.
      return { ...part, state: "output-denied", approval } as unknown as typeof part;
    }),
  };
}
