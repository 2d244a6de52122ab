import * as z from "zod";
import { Id, Timestamp } from "./ids.ts";

/** What a project's agent is doing. */
export const TurnState = z.object({
  /**
   * `idle`: the user may send. `running`: its stream can be read from `/api/chat/[projectId]/stream`.
   * `awaiting-approval`: it waits for the user's answer to a tool's request.
   */
  status: z.enum(["idle", "running", "awaiting-approval"]),
  /** The running turn, or the last one. */
  turnId: Id.optional(),
  startedAt: Timestamp.optional(),
  /** Model steps begun, out of `maxSteps`. */
  step: z.int().optional(),
  maxSteps: z.int().optional(),
  /** Who began it: the user, or the studio because of an error. */
  cause: z.enum(["user", "auto-fix"]).optional(),
  /** How the last turn ended. `interrupted`: the studio itself ended in the middle. */
  ended: z.enum(["finished", "stopped", "failed", "interrupted"]).optional(),
});
export type TurnState = z.output<typeof TurnState>;
