import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

// SQLITE_BUSY: another connection holds the file.
const BUSY = 5;

/**
 * Takes the lock that the file stands for, or gives undefined when somebody else holds it, after
 * waiting for `waitMs`. Waiting blocks the whole process. The operating system owns the lock: it
 * ends with its holder, however that dies, so that there is no such thing as a stale lock.
 */
export function acquireExclusiveLock(
  file: string,
  { waitMs }: { waitMs: number },
): Disposable | undefined {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Node can lock no file by itself. SQLite can, in the same way everywhere: an exclusive
  // transaction on an empty database holds the lock, and leaves the file as it is.
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${Math.max(0, Math.trunc(waitMs))}`);
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    throw error;
  }
  return {
    [Symbol.dispose]() {
      if (database.isOpen) database.close();
    },
  };
}
