import * as z from "zod";
import { Id } from "./ids.ts";
import { STUDIO_LIMITS } from "./limits.ts";

/** Something that went wrong while the user's app ran. */
export const RuntimeProblem = z.strictObject({
  /** `browser`: thrown or logged in the preview. `command`: a background command ended badly or wrote it to stderr. */
  source: z.enum(["browser", "command"]),
  message: z.string().min(1).max(STUDIO_LIMITS.errorTextLength),
  /** Stack, file and line, or the last lines of output. */
  detail: z.string().max(STUDIO_LIMITS.errorTextLength).optional(),
  /** The page it happened on, or the command line. */
  location: z.string().max(2_000).optional(),
  commandId: z.string().optional(),
});
export type RuntimeProblem = z.output<typeof RuntimeProblem>;

/** POST /api/errors: what the preview's page reported. Commands are watched by the studio itself. */
export const ErrorReport = z.strictObject({
  projectId: Id,
  errors: z.array(RuntimeProblem).min(1).max(STUDIO_LIMITS.errorsPerReport),
});
export type ErrorReport = z.output<typeof ErrorReport>;

/** What auto-fix decided. With `fix` a turn has begun: its stream is at `/api/chat/[projectId]/stream`. */
export const AutoFixDecision = z.object({
  decision: z.enum(["fix", "ignore"]),
  /**
   * Why nothing was done. `busy`: a turn runs, and it is looked at again when that ends. `no-model`: the project's model is the
   * demo, which cannot repair anything.
   */
  reason: z.enum(["off", "busy", "known", "budget", "no-request", "no-model"]).optional(),
  /** The same, for people. */
  message: z.string(),
  /** Fixes that are left until the user's next message. */
  remaining: z.int(),
});
export type AutoFixDecision = z.output<typeof AutoFixDecision>;
