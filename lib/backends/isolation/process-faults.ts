import { SandboxError } from "../../contract/errors.ts";

/** The code of an error of the system's, such as `ENOENT`; undefined for any other. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether there was no room (or no quota) for a write. */
export function isStorageFull(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** A failure to start a process, in the engine's words. */
export function processFault(error: unknown, cmd: string): SandboxError {
  if (SandboxError.is(error)) return error;
  const cause = { cause: error };
  if (isStorageFull(error)) {
    return new SandboxError("storage_full", "The disk is full: a command's logs need room.", cause);
  }
  const code = systemCode(error) ?? "unknown";
  if (code === "E2BIG") {
    return new SandboxError(
      "invalid_request",
      `The arguments and variables of "${cmd}" are longer than this system passes to a program. ` +
        "Write them to a file in the sandbox and pass its path.",
      cause,
    );
  }
  if (code === "EAGAIN" || code === "ENOMEM" || code === "EMFILE" || code === "ENFILE") {
    return new SandboxError(
      "engine_unavailable",
      `"${cmd}" could not be started: this machine has no more processes, memory or files to give ` +
        `(${code}). Stop something and try again.`,
      cause,
    );
  }
  return new SandboxError("internal", `"${cmd}" could not be started (${code}).`, cause);
}
