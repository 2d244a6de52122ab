import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { SandboxError } from "../../contract/errors.ts";
import { openStateFile, rollBack } from "./open-state-file.ts";
import { stateFileFault } from "./state-file-faults.ts";
import { Transactions } from "./transactions.ts";

/** One connection to a state file. Whatever SQLite throws comes out as a `SandboxError`. */
export class SqliteConnection {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #transactions = new Transactions();
  /** Why the running transaction can only go back. */
  #failure: { error: unknown } | undefined;
  #closed = false;

  constructor(file: string) {
    this.file = file;
    this.#database = openStateFile(file);
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#guard(() => this.#prepare(sql).run(...values));
  }

  first(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  list(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  transaction<T>(work: () => T): T {
    return this.#transactions.run(work, {
      // Takes the right to write at once: a transaction that began by reading could not get it
      // any more when another process had written meanwhile.
      begin: () => this.#guard(() => this.#database.exec("BEGIN IMMEDIATE")),
      commit: () => this.#guard(() => this.#database.exec("COMMIT")),
      rollback: () => {
        this.#failure = undefined;
        if (!this.#closed) rollBack(this.#database);
      },
    });
  }

  /** Runs the work in the transaction that is running, or in one of its own. */
  atomically<T>(work: () => T): T {
    return this.#transactions.running ? work() : this.transaction(work);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
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

  #guard<T>(call: () => T): T {
    if (this.#closed) {
      throw new SandboxError("engine_unavailable", "The store has been closed.");
    }
    // SQLite may have ended the transaction on its own, and would let what follows stand alone.
    if (this.#failure) throw this.#failure.error;
    try {
      return call();
    } catch (error) {
      const fault = stateFileFault(error, this.file);
      if (this.#transactions.running) this.#failure = { error: fault };
      throw fault;
    }
  }
}
