import { SandboxError, type FaultCode } from "../contract/errors.ts";

/** What the command's exit code says. They are API: add, never renumber. The README's table is compared with this one. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: "done as asked" },
  failed: { code: 1, meaning: "failed; the message says why" },
  usage: {
    code: 2,
    meaning: "asked wrongly: an unknown command or option, a missing or malformed value",
  },
  notFound: {
    code: 3,
    meaning: "what was named is not there; for `daemon status`: no daemon runs",
  },
  unavailable: { code: 4, meaning: "the engine cannot be reached or started" },
  unsupported: { code: 5, meaning: "not possible with this engine or on this machine" },
  conflict: { code: 6, meaning: "not possible in the present state; another time it may be" },
  interrupted: { code: 130, meaning: "ended by Ctrl-C" },
} as const;

type ExitName = keyof typeof EXIT_CODES;

const BY_FAULT: Partial<Record<FaultCode, ExitName>> = {
  invalid_request: "usage",
  path_outside_sandbox: "usage",
  unsupported: "unsupported",
  isolation_unavailable: "unsupported",
  engine_unavailable: "unavailable",
  unauthorized: "unavailable",
  forbidden: "unavailable",
  not_found: "notFound",
  file_not_found: "notFound",
  sandbox_not_found: "notFound",
  session_not_found: "notFound",
  command_not_found: "notFound",
  snapshot_not_found: "notFound",
  drive_not_found: "notFound",
  secret_not_found: "notFound",
  template_not_found: "notFound",
  name_taken: "conflict",
  drive_in_use: "conflict",
  sandbox_stopped: "conflict",
  sandbox_stopping: "conflict",
  sandbox_snapshotting: "conflict",
  snapshot_gone: "conflict",
  too_many_sandboxes: "conflict",
  port_not_listening: "conflict",
};

const BY_STATUS: Record<number, ExitName> = {
  400: "usage",
  401: "unavailable",
  403: "unavailable",
  404: "notFound",
  409: "conflict",
  410: "conflict",
  422: "conflict",
  429: "conflict",
  503: "unavailable",
};

/** The exit code for whatever was thrown: by our own code, else by the status of the HTTP answer behind it. */
export function exitCodeOf(error: unknown): number {
  return EXIT_CODES[exitNameOf(error)].code;
}

function exitNameOf(error: unknown): ExitName {
  if (SandboxError.is(error)) return BY_FAULT[error.code] ?? "failed";
  if (error instanceof Error && "response" in error && error.response instanceof Response) {
    return BY_STATUS[error.response.status] ?? "failed";
  }
  return "failed";
}
