import { SandboxError, type FaultCode } from "../../contract/errors.ts";
import type { Log } from "../../engine/ports.ts";
import { newId } from "../../std/ids.ts";

/** How each of our faults looks to a client of this vendor: its status, and the vendor's own code where it has one. */
const WIRE_FAULTS = {
  invalid_request: { status: 400, code: "bad_request" },
  path_outside_sandbox: { status: 400, code: "bad_request" },
  executable_not_found: { status: 400, code: "bad_request" },
  directory_not_found: { status: 400, code: "bad_request" },
  sandbox_timeout_invalid: { status: 400, code: "sandbox_timeout_invalid" },
  unsupported: { status: 400, code: "unsupported" },
  source_failed: { status: 400, code: "bad_request" },
  unauthorized: { status: 401, code: "unauthorized" },
  forbidden: { status: 403, code: "forbidden" },
  not_found: { status: 404, code: "not_found" },
  file_not_found: { status: 404, code: "not_found" },
  sandbox_not_found: { status: 404, code: "not_found" },
  session_not_found: { status: 404, code: "not_found" },
  command_not_found: { status: 404, code: "not_found" },
  terminal_not_found: { status: 404, code: "not_found" },
  snapshot_not_found: { status: 404, code: "not_found" },
  drive_not_found: { status: 404, code: "not_found" },
  secret_not_found: { status: 404, code: "not_found" },
  template_not_found: { status: 404, code: "not_found" },
  method_not_allowed: { status: 405, code: "method_not_allowed" },
  name_taken: { status: 409, code: "conflict" },
  drive_in_use: { status: 409, code: "conflict" },
  stdin_offset_gap: { status: 409, code: "conflict" },
  sandbox_stopped: { status: 410, code: "sandbox_stopped" },
  // The vendor has no pauses: what its clients do about one that is stopped, to resume it, is what helps here, too.
  sandbox_paused: { status: 410, code: "sandbox_stopped" },
  sandbox_lost: { status: 410, code: "sandbox_lost" },
  // The vendor's client deletes and makes anew on exactly this pair.
  snapshot_gone: { status: 410, code: "snapshot_not_found" },
  too_large: { status: 413, code: "payload_too_large" },
  unsupported_media_type: { status: 415, code: "unsupported_media_type" },
  sandbox_stopping: { status: 422, code: "sandbox_stopping" },
  sandbox_snapshotting: { status: 422, code: "sandbox_snapshotting" },
  too_many_sandboxes: { status: 429, code: "rate_limited" },
  internal: { status: 500, code: "internal_server_error" },
  state_corrupt: { status: 500, code: "state_corrupt" },
  isolation_unavailable: { status: 500, code: "isolation_unavailable" },
  port_not_listening: { status: 502, code: "sandbox_not_listening" },
  engine_unavailable: { status: 503, code: "service_unavailable" },
  stdin_timeout: { status: 504, code: "gateway_timeout" },
  storage_full: { status: 507, code: "storage_full" },
} as const satisfies Record<FaultCode, { status: number; code: string }>;

/** The inside of an error's body. `id` leads to the line in the log, for faults of ours. */
interface WireError {
  code: string;
  message: string;
  id?: string;
}

/**
 * What a client is told of any error. Of what was not foreseen it learns an id and nothing else: the
 * message and the stack, which may name this machine's paths, go to the log under that id.
 */
export function wireError(
  error: unknown,
  { log, during }: { log: Log; during: string },
): { status: number; error: WireError } {
  if (SandboxError.is(error) && error.code !== "internal") {
    const { status, code } = WIRE_FAULTS[error.code];
    return { status, error: { code, message: error.message } };
  }
  const id = newId("err");
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.warn("a request failed for a reason that was not foreseen", { id, during, reason });
  const { status, code } = WIRE_FAULTS.internal;
  const message = `The engine failed for a reason that it did not foresee. Its log tells more under ${id}.`;
  return { status, error: { code, message, id } };
}
