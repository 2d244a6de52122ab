import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StudioError } from "../../contract/errors.ts";
import { MIGRATIONS } from "./migrations.ts";

// Two studios may share a folder for a moment: one that ends, and one that starts.
const BUSY_MS = 5_000;

/**
 * Opens the studio's file, made and brought up to date if need be. What was written is there after the process
 * was killed. The caller closes it. Throws a StudioError that says what to do where the folder cannot be written to, and
 * when the file is of a newer studio.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = openFile(file);
  try {
    database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
    );
    migrate(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openFile(file: string): DatabaseSync {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new DatabaseSync(file, { timeout: BUSY_MS });
  } catch (error) {
    throw new StudioError(
      "internal",
      `The studio keeps its projects in ${folder}, which it cannot write to (${error instanceof Error ? error.message : String(error)}). Make it writable, or name another folder in SANDLOT_HOME and start the studio again.`,
      { cause: error },
    );
  }
}

function migrate(database: DatabaseSync, file: string): void {
  // Immediately, so that of two processes only one changes the tables.
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version > MIGRATIONS.length) {
      throw new StudioError(
        "internal",
        `${file} was written by a newer version of the studio. Update this one, or name another folder in SANDLOT_HOME.`,
      );
    }
    for (const statements of MIGRATIONS.slice(version)) database.exec(statements);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
