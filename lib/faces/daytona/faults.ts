import { SandboxError, type FaultCode } from "../../contract/errors.ts";
import type { Log } from "../../engine/ports.ts";
import { newId } from "../../std/ids.ts";

/** Which of the vendor's two servers would have answered: its clients choose an error's class by it. */
export type Source = "DAYTONA_API" | "DAYTONA_DAEMON";

/** What a client of this vendor is told of an error. */
interface WireFault {
  status: number;
  code: string;
}

/**
 * How each of our faults looks to a client of this vendor. Its clients have classes of their own for some
 * pairs of code and source, and one per status for the rest.
 */
const WIRE_FAULTS = {
  invalid_request: { status: 400, code: "BAD_REQUEST" },
  path_outside_sandbox: { status: 400, code: "INVALID_FILE_PATH" },
  executable_not_found: { status: 400, code: "BAD_REQUEST" },
  directory_not_found: { status: 404, code: "FILE_NOT_FOUND" },
  sandbox_timeout_invalid: { status: 400, code: "BAD_REQUEST" },
  unsupported: { status: 400, code: "UNSUPPORTED" },
  source_failed: { status: 400, code: "BAD_REQUEST" },
  unauthorized: { status: 401, code: "UNAUTHORIZED" },
  forbidden: { status: 403, code: "FORBIDDEN" },
  not_found: { status: 404, code: "NOT_FOUND" },
  file_not_found: { status: 404, code: "FILE_NOT_FOUND" },
  sandbox_not_found: { status: 404, code: "NOT_FOUND" },
  session_not_found: { status: 404, code: "NOT_FOUND" },
  command_not_found: { status: 404, code: "PROCESS_NOT_FOUND" },
  terminal_not_found: { status: 404, code: "PROCESS_NOT_FOUND" },
  snapshot_not_found: { status: 404, code: "NOT_FOUND" },
  drive_not_found: { status: 404, code: "NOT_FOUND" },
  secret_not_found: { status: 404, code: "NOT_FOUND" },
  template_not_found: { status: 404, code: "NOT_FOUND" },
  method_not_allowed: { status: 405, code: "METHOD_NOT_ALLOWED" },
  name_taken: { status: 409, code: "CONFLICT" },
  drive_in_use: { status: 409, code: "CONFLICT" },
  stdin_offset_gap: { status: 409, code: "CONFLICT" },
  sandbox_paused: { status: 409, code: "SANDBOX_NOT_STARTED" },
  sandbox_stopped: { status: 409, code: "SANDBOX_NOT_STARTED" },
  sandbox_lost: { status: 410, code: "GONE" },
  snapshot_gone: { status: 410, code: "GONE" },
  too_large: { status: 413, code: "PAYLOAD_TOO_LARGE" },
  unsupported_media_type: { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
  sandbox_stopping: { status: 409, code: "SANDBOX_NOT_STARTED" },
  sandbox_snapshotting: { status: 409, code: "SANDBOX_NOT_STARTED" },
  too_many_sandboxes: { status: 429, code: "TOO_MANY_REQUESTS" },
  internal: { status: 500, code: "INTERNAL_SERVER_ERROR" },
  state_corrupt: { status: 500, code: "INTERNAL_SERVER_ERROR" },
  isolation_unavailable: { status: 500, code: "INTERNAL_SERVER_ERROR" },
  port_not_listening: { status: 502, code: "BAD_GATEWAY" },
  engine_unavailable: { status: 503, code: "SERVICE_UNAVAILABLE" },
  stdin_timeout: { status: 504, code: "GATEWAY_TIMEOUT" },
  storage_full: { status: 507, code: "STORAGE_FULL" },
} as const satisfies Record<FaultCode, WireFault>;

/** A fault that only this vendor has a name for. */
export class DaytonaFault extends Error {
  override readonly name = "DaytonaFault";
  readonly status: number;
  readonly code: string;

  constructor({ status, code }: WireFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** The body of every error of this vendor's. `id` leads to the line in the log, for faults of ours. */
export interface WireError {
  statusCode: number;
  message: string;
  code: string;
  source: Source;
  timestamp: string;
  path: string;
  method: string;
  id?: string;
}

export interface FaultPlace {
  source: Source;
  method: string;
  /** Without the query, which may hold a token. */
  path: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * What a client is told of any error. Of what was not foreseen it learns an id and nothing else: the
 * message and the stack, which may name this machine's paths, go to the log under that id.
 */
export function wireError(error: unknown, { log, ...place }: FaultPlace & { log: Log }): WireError {
  if (error instanceof DaytonaFault) return presentFault(error, error.message, place);
  if (SandboxError.is(error) && error.code !== "internal") {
    return presentFault(WIRE_FAULTS[error.code], error.message, place);
  }
  const id = newId("err");
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const during = `${place.method} ${place.path}`;
  log.warn("a request failed for a reason that was not foreseen", { id, during, reason });
  const message = `The engine failed for a reason that it did not foresee. Its log tells more under ${id}.`;
  return { ...presentFault(WIRE_FAULTS.internal, message, place), id };
}

/** An error that the face did not raise itself, in the vendor's shape. */
export function presentFault(
  { status, code }: WireFault,
  message: string,
  { source, path, method, now }: FaultPlace,
): WireError {
  const timestamp = new Date(now).toISOString();
  return { statusCode: status, message, code, source, timestamp, path, method };
}

/** The vendor's word for a status that something else has chosen. */
export function faultOfStatus(status: number): WireFault {
  const known = Object.values(WIRE_FAULTS).find((fault) => fault.status === status);
  return { status, code: known?.code ?? (status < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR") };
}
