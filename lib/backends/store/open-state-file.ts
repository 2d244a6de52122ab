import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SandboxError } from "../../contract/errors.ts";
import { MIGRATIONS } from "./migrations.ts";
import {
  BUSY_TIMEOUT_MS,
  cannotOpen,
  damaged,
  isBusy,
  isHalfWritten,
  stateFileFault,
} from "./state-file-faults.ts";

/** "SLOT": in the header of each state file, so that no other program's database is taken for one. */
const APPLICATION_ID = 0x53_4c_4f_54;
/** Up to this size the log of recent writes is kept between checkpoints, rather than made anew. */
const LOG_SIZE_BYTES = 4 * 1024 * 1024;

/**
 * Opens a state file, making it and its folder (for this user alone) if they are not there, and
 * brings it to the newest version, in one transaction. A file that is damaged, of another program
 * or of a newer version is refused with `state_corrupt` before anything was written to it; only a write in which its
 * process was killed is taken back, as SQLite does for whoever opens it.
 */
export function openStateFile(file: string, migrations = MIGRATIONS): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (look(file, migrations.length) === "absent") create(file);
    database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    useLog(database);
    // A killed process loses nothing that was acknowledged: a commit has reached the kernel's
    // cache when it returns. Only a power failure can take the last few commits back, whole and
    // in order, as it takes the files in the sandboxes, which nobody syncs either. FULL would wait
    // for the disk at each commit: 0.16 ms instead of 0.01 in the median on the fastest disk that
    // was measured, with all of the engine standing still meanwhile.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec(`PRAGMA journal_size_limit = ${LOG_SIZE_BYTES}`);
    migrate(database, file, migrations);
    return database;
  } catch (error) {
    database?.close();
    throw stateFileFault(error, file);
  }
}

/** Whoever was killed while it made the file has left half of that, which only a connection that writes can take back. */
function look(file: string, newest: number): ReturnType<typeof inspect> {
  try {
    return inspect(file, newest);
  } catch (error) {
    if (!isHalfWritten(error)) throw error;
  }
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    isBlank(database); // To read is enough.
  } finally {
    database.close();
  }
  return inspect(file, newest);
}

/**
 * Looks at what is there through a connection that can neither write nor, when it is closed, move
 * the log's content into the file, as the last ordinary one would.
 */
function inspect(file: string, newest: number): "absent" | "good" {
  // The log first: SQLite never makes one before its file has content, so that what is seen in
  // this order is no file that another process is just making.
  const logSize = sizeOf(`${file}-wal`);
  if (sizeOf(file) === 0) {
    // SQLite would take this for a new file, and throw the log away.
    if (logSize > 0) throw damaged(file, "it is missing or empty, but its log of writes is not");
    return "absent";
  }
  if (!statSync(file).isFile()) throw cannotOpen(file, "it is no file");
  // SQLite would open it all the same, and fail at the first write.
  accessSync(file, constants.R_OK | constants.W_OK);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const verdict = pragma(database, "quick_check(1)");
    if (verdict !== "ok") throw damaged(file, String(verdict).replaceAll(/\s+/g, " "));
    if (isBlank(database)) return "good"; // Made, but another process has not filled it yet.
    if (pragma(database, "application_id") !== APPLICATION_ID) throw notOurs(file);
    assertKnownVersion(versionOf(database), { file, newest });
    return "good";
  } finally {
    database.close();
  }
}

function create(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    // Sandboxes' variables hold secrets. SQLite gives its other files the mode of this one.
    // "wx" opens nothing that is there: by the rules of POSIX, closing one descriptor of a file
    // gives up all locks that the process has on it, also those of a store that is open, and the
    // next process to close the file would delete the log under it.
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

/** Turns on the write-ahead log, in which a commit is one append. */
function useLog(database: DatabaseSync): void {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  while (true) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      // For this one step SQLite does not wait for others that are opening the file as well.
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    // It does wait here, until they are done.
    database.exec("BEGIN IMMEDIATE; ROLLBACK");
  }
}

function migrate(database: DatabaseSync, file: string, migrations: readonly string[]): void {
  if (versionOf(database) === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Read again, now that no one else can write: another process may have been faster.
    const version = versionOf(database);
    assertKnownVersion(version, { file, newest: migrations.length });
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** Ends a transaction without its changes, also one that SQLite has already ended by itself. */
export function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // "No transaction is active": SQLite takes one back by itself when the disk is full.
  }
}

function assertKnownVersion(version: number, { file, newest }: { file: string; newest: number }) {
  if (version <= newest) return;
  throw new SandboxError(
    "state_corrupt",
    `The state file ${file} has version ${version} and was written by a newer version of this program, which knows versions up to ${newest}. Nothing was deleted or changed. Update this program, or give it another state folder.`,
  );
}

function notOurs(file: string): SandboxError {
  return new SandboxError(
    "state_corrupt",
    `The file ${file} is a database of another program, not a state file. Nothing was deleted or changed. Choose another state folder, or move that file away.`,
  );
}

function isBlank(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

function versionOf(database: DatabaseSync): number {
  return Number(pragma(database, "user_version"));
}

function pragma(database: DatabaseSync, name: string): unknown {
  const [value] = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {});
  return value;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
