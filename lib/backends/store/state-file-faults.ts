import { SandboxError } from "../../contract/errors.ts";

// SQLite's result codes: the low byte tells the kind, the rest the circumstance.
const KIND = 0xff;
const PERMISSION = 3;
const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
/** The index of the write-ahead log could not grow, which happens when its disk is full. */
const CANNOT_GROW_SHARED_MEMORY = 4_874;

/** A connection that only reads has found a write that was broken off. */
const READ_ONLY_ROLLBACK = 776;

/** How long a write waits for another process that is writing, before it gives up. */
export const BUSY_TIMEOUT_MS = 5_000;

/** `state_corrupt`, for a file that was found damaged and left as it is. */
export function damaged(file: string, what: string, cause?: unknown): SandboxError {
  return new SandboxError(
    "state_corrupt",
    `The state file ${file} is damaged: ${what}. Nothing was deleted or repaired. Put a good copy of it in its place, or move it away together with the files beside it that end in -wal and -shm, to begin with an empty state.`,
    { cause },
  );
}

/** What an error of SQLite or of the file system means to the caller. Errors of ours pass unchanged. */
export function stateFileFault(error: unknown, file: string): unknown {
  if (SandboxError.is(error) || !(error instanceof Error)) return error;
  const options = { cause: error };
  if ("syscall" in error && "code" in error) {
    const isFull = error.code === "ENOSPC" || error.code === "EDQUOT";
    return isFull ? full(file, options) : cannotOpen(file, error.message, error);
  }
  const code = sqliteCode(error);
  if (code === undefined) return error;
  if (code === CANNOT_GROW_SHARED_MEMORY) return full(file, options);
  switch (code & KIND) {
    case CORRUPT:
    case NOT_A_DATABASE:
      return damaged(file, error.message, error);
    case FULL:
      return full(file, options);
    case BUSY:
      return new SandboxError(
        "engine_unavailable",
        `The state file ${file} was in use by another process for more than ${BUSY_TIMEOUT_MS / 1_000} seconds. Nothing was changed. Try again, or end that process.`,
        options,
      );
    case PERMISSION:
    case READ_ONLY:
    case CANNOT_OPEN:
      return cannotOpen(file, error.message, error);
    default:
      return new SandboxError(
        "internal",
        `The state file ${file} could not be read or written (${error.message}). Nothing was changed.`,
        options,
      );
  }
}

/** Whether another connection holds a lock that was needed. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && (code & KIND) === BUSY;
}

/** Whether somebody was killed in the middle of a write, which is to be taken back before anything can be read. */
export function isHalfWritten(error: unknown): boolean {
  return sqliteCode(error) === READ_ONLY_ROLLBACK;
}

/** `engine_unavailable`, for a file that this user cannot use. */
export function cannotOpen(file: string, why: string, cause?: unknown): SandboxError {
  return new SandboxError(
    "engine_unavailable",
    `The state file ${file} cannot be opened for reading and writing (${why}). Check that it and its folder belong to the user who runs this, and may be written.`,
    { cause },
  );
}

function full(file: string, options: ErrorOptions): SandboxError {
  return new SandboxError(
    "storage_full",
    `The disk that holds the state file ${file} is full. Nothing was changed, and what was stored before is still there. Make room on it, then try again.`,
    options,
  );
}

/** The result code in an error of `node:sqlite`; undefined for any other error. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}
