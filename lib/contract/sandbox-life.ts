import * as z from "zod";
import { LIMITS } from "./limits.ts";

/** What becomes of a sandbox whose session reaches its timeout. */
export const OnTimeout = z.enum(["stop", "delete", "pause"]);
export type OnTimeout = z.output<typeof OnTimeout>;

const Period = z.int().max(LIMITS.longestTimeoutMs);

/**
 * When a sandbox is stopped, paused or deleted without anybody asking. It is idle while nothing is asked of its
 * session: no command started or followed, no file, no input of a terminal, no connection to a port, no `touch`.
 */
export const Life = z.strictObject({
  /** Stops it after so many idle milliseconds. */
  idleStopMs: Period.min(LIMITS.timeoutMinMs).optional(),
  /** Pauses it with its memory after so many idle milliseconds. */
  idlePauseMs: Period.min(LIMITS.timeoutMinMs).optional(),
  /** Deletes it once it has been stopped (not paused) for so many milliseconds; 0 means at once. */
  deleteAfterStopMs: Period.nonnegative().optional(),
  /** Deletes it at that time, in milliseconds since the epoch, whatever it does. */
  deleteAt: z.int().nonnegative().optional(),
});
export type Life = z.output<typeof Life>;

/** What faces remember of a sandbox beyond the engine's words, by the name of the face. */
export const Kept = z.record(z.string().min(1).max(LIMITS.nameLength), z.json());
export type Kept = z.output<typeof Kept>;
