import * as z from "zod";
import { Id } from "./ids.ts";
import { STUDIO_LIMITS } from "./limits.ts";

const TextPart = z.object({
  type: z.literal("text"),
  text: z.string().trim().min(1).max(STUDIO_LIMITS.messageTextLength),
});

/** What the user said. Everything said before is read on the server. */
const UserMessage = z.object({
  id: Id,
  role: z.literal("user"),
  parts: z.array(TextPart).min(1).max(20),
});

/** The user's answer to a tool that asked. */
export const ApprovalAnswer = z.strictObject({
  approvalId: z.string().min(1).max(200),
  approved: z.boolean(),
  reason: z.string().max(2_000).optional(),
});
export type ApprovalAnswer = z.output<typeof ApprovalAnswer>;

/**
 * POST /api/chat: begins a turn, answered with its UI message stream. Either a message or the answers
 * to all tools that wait. 409 `turn_running` while a turn runs.
 */
export const ChatRequest = z
  .strictObject({
    projectId: Id,
    message: UserMessage.optional(),
    approvals: z.array(ApprovalAnswer).min(1).max(50).optional(),
    /** Remembered as the project's. */
    modelId: z.string().min(1).max(300).optional(),
  })
  .refine(({ message, approvals }) => (message === undefined) !== (approvals === undefined), {
    path: ["message"],
    message: "either message or approvals must be given",
  });
export type ChatRequest = z.output<typeof ChatRequest>;
export type ChatRequestInput = z.input<typeof ChatRequest>;

/** POST /api/chat/[projectId]/stop: when it answers, the model and the agent's foreground command have ended. */
export const StopAnswer = z.object({ stopped: z.boolean() });
export type StopAnswer = z.output<typeof StopAnswer>;
