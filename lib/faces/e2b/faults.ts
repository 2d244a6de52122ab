import { type FaultCode, FAULTS, SandboxError } from "../../contract/errors.ts";
import type { Log } from "../../engine/ports.ts";
import { newId } from "../../std/ids.ts";

/**
 * Where this vendor's status is another than the engine's own. Its clients know 401, 404, 409, 429, 502, 503
 * and 507; of everything else they show the message.
 */
const OWN_STATUS: Partial<Record<FaultCode, number>> = {
  sandbox_stopped: 409,
  sandbox_stopping: 409,
  sandbox_snapshotting: 409,
  sandbox_lost: 404,
  snapshot_gone: 404,
};

/** The body of every error of the control API. */
export interface WireError {
  code: number;
  message: string;
}

/** Where the log is, and what was asked for when it failed: its method and its path. */
export interface FaultContext {
  log: Log;
  during: string;
}

/**
 * What a client is told of any error. Of what was not foreseen it learns an id and nothing else: the
 * message and the stack, which may name this machine's paths, go to the log under that id.
 */
export function wireError(error: unknown, context: FaultContext): WireError {
  if (SandboxError.is(error) && error.code !== "internal") {
    return { code: OWN_STATUS[error.code] ?? FAULTS[error.code].status, message: error.message };
  }
  return { code: 500, message: logUnforeseen(error, context) };
}

/** Logs an error that nobody foresaw under a new id, and returns the message for the caller, which holds the id. */
export function logUnforeseen(error: unknown, { log, during }: FaultContext): string {
  const id = newId("err");
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.warn("a request failed for a reason that was not foreseen", { id, during, reason });
  return `The engine failed for a reason that it did not foresee. Its log tells more under ${id}.`;
}
