import * as z from "zod";
import { FAULTS, type FaultCode } from "../errors.ts";

/** Why an operation failed: the library's codes, and one that only a task can have. */
export const OperationErrorCode = z.enum([
  ...(Object.keys(FAULTS) as [FaultCode, ...FaultCode[]]),
  /** The worker died while it started a command, and nobody knows whether the command began. */
  "interrupted",
]);
export type OperationErrorCode = z.output<typeof OperationErrorCode>;

/**
 * A failure as a task returns it. It is a result, because what a task throws does not reach its caller: the
 * platform answers `TASK_INPUT_ERROR` and keeps the sentence for its dashboard.
 */
export const OperationError = z.object({
  code: OperationErrorCode,
  /** For people: what was asked, what stood in the way, what to do. */
  message: z.string(),
  /** The first field of the payload that is wrong, such as `files.0.path`. */
  field: z.string().optional(),
  /** Whether the same call may succeed later. */
  retryable: z.boolean(),
});
export type OperationError = z.output<typeof OperationError>;

const OperationFailure = z.object({ ok: z.literal(false), error: OperationError });

/** The result of an operation: what it gives, or why it failed. Callers branch on `ok`. */
export function resultOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), ...shape }),
    OperationFailure,
  ]);
}
