import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";

type Row = Record<string, unknown>;

/** The platform's file, or memory for `:memory:`. One process has it open; whoever opened it closes it. */
export class Database implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens the file, made and brought up to date if need be. Throws when a newer platform wrote it, or another one
   * has it open.
   */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    try {
      // Nobody else may open it: two platforms would hand out the same runs. And what a crash of the machine
      // takes from a development tool's last second is no loss.
      this.#database.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
      );
      this.#migrate(file);
    } catch (error) {
      this.#database.close();
      if (!isBusy(error)) throw error;
      throw new Error(
        `Another local platform has ${file} open. End it, or name another folder with --state.`,
        { cause: error },
      );
    }
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values);
  }

  first(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  list(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values);
  }

  /** All that the work writes, or nothing. Not to be nested. */
  transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #migrate(file: string): void {
    const version = Number(this.first("PRAGMA user_version")?.["user_version"] ?? 0);
    if (version > MIGRATIONS.length) {
      throw new Error(
        `${file} was written by a newer version of the local platform. Update this one, or name another folder with --state.`,
      );
    }
    this.transaction(() => {
      for (const statements of MIGRATIONS.slice(version)) this.#database.exec(statements);
      this.#database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    });
  }
}

/** SQLITE_BUSY, whatever its extension. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}
