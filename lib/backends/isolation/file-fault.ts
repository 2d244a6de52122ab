import { SandboxError } from "../../contract/errors.ts";
import { notFound } from "./confined-path.ts";
import { isStorageFull, systemCode } from "./process-faults.ts";

/** Something other than a regular file has the name that was to be written. */
export function notAFile(path: string): SandboxError {
  return new SandboxError(
    "invalid_request",
    `"${path}" cannot be written: something other than a regular file has that name in the sandbox.`,
  );
}

/** A failure of the file system's, in the engine's words; any other error as it is. */
export function fileFault(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (SandboxError.is(error) || code === undefined) return error;
  const cause = { cause: error };
  if (isStorageFull(error)) {
    return new SandboxError(
      "storage_full",
      `The disk is full: "${path}" could not be written.`,
      cause,
    );
  }
  switch (code) {
    case "ENOENT":
      return notFound(path);
    case "EEXIST":
      return new SandboxError("invalid_request", `"${path}" exists already in the sandbox.`, cause);
    case "EISDIR":
      return notAFile(path);
    case "ENOTDIR":
    case "ELOOP":
      return new SandboxError(
        "invalid_request",
        `"${path}" goes through what is no directory.`,
        cause,
      );
    case "ENOTEMPTY":
      return new SandboxError(
        "invalid_request",
        `"${path}" is a directory that is not empty in the sandbox.`,
        cause,
      );
    case "EBUSY":
      return new SandboxError(
        "invalid_request",
        `"${path}" is in use by the sandbox itself: something is mounted there.`,
        cause,
      );
    case "EINVAL":
      return new SandboxError(
        "invalid_request",
        `The sandbox's file system does not do that with "${path}".`,
        cause,
      );
    case "ENAMETOOLONG":
      return new SandboxError(
        "invalid_request",
        `A part of "${path}" is longer than a file name can be.`,
        cause,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new SandboxError(
        "invalid_request",
        `The sandbox's user may not do that to "${path}".`,
        cause,
      );
    default:
      return new SandboxError("internal", `"${path}" could not be accessed (${code}).`, cause);
  }
}
