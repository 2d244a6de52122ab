/** Every way an operation can fail. Codes are API: add, never rename. */
export const FAULTS = {
  invalid_request: { status: 400, retryable: false },
  path_outside_sandbox: { status: 400, retryable: false },
  executable_not_found: { status: 400, retryable: false },
  directory_not_found: { status: 400, retryable: false },
  sandbox_timeout_invalid: { status: 400, retryable: false },
  unsupported: { status: 400, retryable: false },
  source_failed: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  file_not_found: { status: 404, retryable: false },
  sandbox_not_found: { status: 404, retryable: false },
  session_not_found: { status: 404, retryable: false },
  command_not_found: { status: 404, retryable: false },
  terminal_not_found: { status: 404, retryable: false },
  snapshot_not_found: { status: 404, retryable: false },
  drive_not_found: { status: 404, retryable: false },
  secret_not_found: { status: 404, retryable: false },
  template_not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  name_taken: { status: 409, retryable: false },
  drive_in_use: { status: 409, retryable: false },
  stdin_offset_gap: { status: 409, retryable: false },
  /** Resuming it is all that it takes. */
  sandbox_paused: { status: 409, retryable: false },
  sandbox_stopped: { status: 410, retryable: false },
  /** Its disk is gone with what held it. */
  sandbox_lost: { status: 410, retryable: false },
  /** A snapshot that something else needs (a source, a resume) is gone. */
  snapshot_gone: { status: 410, retryable: false },
  too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  sandbox_stopping: { status: 422, retryable: true },
  sandbox_snapshotting: { status: 422, retryable: true },
  too_many_sandboxes: { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  state_corrupt: { status: 500, retryable: false },
  isolation_unavailable: { status: 500, retryable: false },
  port_not_listening: { status: 502, retryable: true },
  engine_unavailable: { status: 503, retryable: true },
  stdin_timeout: { status: 504, retryable: true },
  storage_full: { status: 507, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type FaultCode = keyof typeof FAULTS;

// Shared by every copy of this module in the process, so that an error made by
// one bundle is recognised by another, where `instanceof` would say no.
const brand = Symbol.for("sandlot.error");

/** The one error class of the library: callers branch on `code`, people read `message`. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly [brand] = true;
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static is(value: unknown): value is SandboxError {
    return value instanceof Error && brand in value;
  }
}
