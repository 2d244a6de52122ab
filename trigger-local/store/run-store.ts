import type { Database } from "./open-database.ts";
import { isFinal, isOver, type Run } from "./run.ts";
import { condition, type RunFilter } from "./run-filter.ts";

/** Runs, kept in the file. Those that are not over are held in memory besides, as each step looks at them. */
export class RunStore {
  readonly #database: Database;
  readonly #unfinished = new Map<string, Run>();
  readonly #onChange: (run: Run) => void;
  #revision: number;
  #number: number;

  constructor(database: Database, onChange: (run: Run) => void) {
    this.#database = database;
    this.#onChange = onChange;
    for (const row of database.list("SELECT document FROM runs WHERE finished = 0")) {
      const run = toRun(row);
      this.#unfinished.set(run.id, run);
    }
    const newest = database.first(
      "SELECT coalesce(max(revision), 0) AS revision, coalesce(max(number), 0) AS number FROM runs",
    );
    this.#revision = Number(newest?.["revision"]);
    this.#number = Number(newest?.["number"]);
  }

  /** The highest revision that any run has. */
  get revision(): number {
    return this.#revision;
  }

  nextNumber(): number {
    return ++this.#number;
  }

  insert(run: Run, payload: string | undefined): void {
    run.revision = ++this.#revision;
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO runs (id, number, task, status, finished, revision, parent_id, batch_id, idempotency_key, created_at, document, payload)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        run.id,
        run.number,
        run.task,
        run.status,
        isOver(run) ? 1 : 0,
        run.revision,
        run.parentId ?? null,
        run.batchId ?? null,
        run.idempotencyKey ?? null,
        run.createdAt,
        JSON.stringify(run),
        payload ?? null,
      );
      this.#tag(run);
    });
    this.#settle(run);
  }

  /** Writes what changed in the run, and tells whoever watches it. */
  save(run: Run, output?: string): void {
    run.revision = ++this.#revision;
    run.updatedAt = Date.now();
    this.#database.run(
      `UPDATE runs SET status = ?, finished = ?, revision = ?, idempotency_key = ?, document = ?, output = coalesce(?, output) WHERE id = ?`,
      run.status,
      isOver(run) ? 1 : 0,
      run.revision,
      run.idempotencyKey ?? null,
      JSON.stringify(run),
      output ?? null,
      run.id,
    );
    this.#settle(run);
  }

  addTags(run: Run, tags: readonly string[]): void {
    run.tags = [...new Set([...run.tags, ...tags])];
    this.#tag(run);
    this.save(run);
  }

  find(id: string): Run | undefined {
    const held = this.#unfinished.get(id);
    if (held) return held;
    const row = this.#database.first("SELECT document FROM runs WHERE id = ?", id);
    return row && toRun(row);
  }

  payload(id: string): string | undefined {
    return this.#text("payload", id);
  }

  output(id: string): string | undefined {
    return this.#text("output", id);
  }

  /** The run that a key of a task stands for, the newest one. */
  findByKey(task: string, key: string): Run | undefined {
    const row = this.#database.first(
      "SELECT id FROM runs WHERE task = ? AND idempotency_key = ? ORDER BY number DESC LIMIT 1",
      task,
      key,
    );
    return row && this.find(String(row["id"]));
  }

  children(id: string): Run[] {
    return this.#database
      .list("SELECT id FROM runs WHERE parent_id = ? ORDER BY number", id)
      .map((row) => this.#held(row));
  }

  /** All that are not over yet. */
  unfinished(): Run[] {
    return [...this.#unfinished.values()];
  }

  /** The newest first, from the one below `beforeNumber` on. */
  list(filter: RunFilter, page: { limit: number; beforeNumber?: number }): Run[] {
    const { where, values } = condition(filter);
    if (page.beforeNumber !== undefined) {
      where.push("number < ?");
      values.push(page.beforeNumber);
    }
    return this.#database
      .list(
        `SELECT id FROM runs WHERE ${where.join(" AND ")} ORDER BY number DESC LIMIT ?`,
        ...values,
        page.limit,
      )
      .map((row) => this.#held(row));
  }

  /** Those that changed after the revision, the earliest change first. */
  changedAfter(revision: number, filter: RunFilter): Run[] {
    const { where, values } = condition(filter);
    return this.#database
      .list(
        `SELECT id FROM runs WHERE revision > ? AND ${where.join(" AND ")} ORDER BY revision`,
        revision,
        ...values,
      )
      .map((row) => this.#held(row));
  }

  #held(row: Record<string, unknown>): Run {
    const run = this.find(String(row["id"]));
    if (!run) throw new Error(`Run ${String(row["id"])} was deleted while it was listed.`);
    return run;
  }

  #text(column: "payload" | "output", id: string): string | undefined {
    const value = this.#database.first(`SELECT ${column} AS text FROM runs WHERE id = ?`, id)?.[
      "text"
    ];
    return typeof value === "string" ? value : undefined;
  }

  #tag(run: Run): void {
    for (const tag of run.tags) {
      this.#database.run("INSERT OR IGNORE INTO run_tags (tag, run_id) VALUES (?, ?)", tag, run.id);
    }
  }

  #settle(run: Run): void {
    if (isOver(run) && isFinal(run)) this.#unfinished.delete(run.id);
    else this.#unfinished.set(run.id, run);
    this.#onChange(run);
  }
}

function toRun(row: Record<string, unknown>): Run {
  // Dates inside come back as texts; what hands them on parses them with the vendor's schemas.
  return JSON.parse(String(row["document"]));
}
