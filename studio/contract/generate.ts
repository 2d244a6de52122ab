import * as z from "zod";
import { ProjectType } from "./project.ts";
import { STUDIO_LIMITS } from "./limits.ts";

/** POST /api/generate: one prompt, one app. The sandbox stays when it succeeds, and is removed when it fails. */
export const GenerateRequest = z.strictObject({
  prompt: z.string().trim().min(1).max(STUDIO_LIMITS.messageTextLength),
  modelId: z.string().min(1).max(300).optional(),
  type: ProjectType.default("other"),
});
export type GenerateRequest = z.output<typeof GenerateRequest>;

/** How far it is. */
export const GenerateStatus = z.enum([
  "creating",
  "initializing",
  "generating",
  "writing",
  "starting",
  "preview",
  "complete",
]);

/** The answer is SSE: `event` is the name here, `data` the shape. `complete` or `error` comes last. */
export const GENERATE_EVENTS = {
  progress: z.object({
    status: GenerateStatus,
    message: z.string(),
    sandboxId: z.string().optional(),
    previewUrl: z.string().optional(),
  }),
  message: z.object({
    type: z.enum(["text", "reasoning"]),
    /** All of this piece of text so far. */
    content: z.string(),
    /** What is new in it. */
    delta: z.string(),
  }),
  tool: z.object({ action: z.string(), file: z.string(), linesAdded: z.int() }),
  complete: z.object({
    success: z.boolean(),
    sandboxId: z.string(),
    previewUrl: z.string().optional(),
    message: z.string(),
  }),
  error: z.object({ message: z.string() }),
} as const;

/** One event with its name. */
export type GenerateEvent = {
  [Name in keyof typeof GENERATE_EVENTS]: {
    event: Name;
    data: z.output<(typeof GENERATE_EVENTS)[Name]>;
  };
}[keyof typeof GENERATE_EVENTS];
