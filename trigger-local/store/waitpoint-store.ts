import type { Database } from "./open-database.ts";

/** Something that a run may wait for, and what it ended with. */
export interface Waitpoint {
  id: string;
  type: "RUN" | "DATETIME" | "MANUAL" | "BATCH";
  pending: boolean;
  createdAt: number;
  completedAt?: number;
  /** When a pause is over, or when a token times out. */
  dueAt?: number;
  output?: string;
  outputType?: string;
  outputIsError: boolean;
  idempotencyKey?: string;
  idempotencyKeyExpiresAt?: number;
  tags: string[];
  /** The run that completes it. */
  runId?: string;
  /** The stream whose next record, from `streamFrom` on, completes it. */
  stream?: string;
  streamFrom?: number;
}

export class WaitpointStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(waitpoint: Waitpoint): void {
    this.#database.run(
      `INSERT INTO waitpoints (id, pending, stream, idempotency_key, created_at, document) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET pending = excluded.pending, idempotency_key = excluded.idempotency_key, document = excluded.document`,
      waitpoint.id,
      waitpoint.pending ? 1 : 0,
      waitpoint.stream ?? null,
      waitpoint.idempotencyKey ?? null,
      waitpoint.createdAt,
      JSON.stringify(waitpoint),
    );
  }

  find(id: string): Waitpoint | undefined {
    return this.#one("SELECT document FROM waitpoints WHERE id = ?", id);
  }

  findByKey(key: string): Waitpoint | undefined {
    return this.#one(
      "SELECT document FROM waitpoints WHERE idempotency_key = ? ORDER BY created_at DESC LIMIT 1",
      key,
    );
  }

  /** Those that wait for time to pass. */
  due(): Waitpoint[] {
    return this.#database
      .list("SELECT document FROM waitpoints WHERE pending = 1")
      .map(toWaitpoint)
      .filter(({ dueAt }) => dueAt !== undefined);
  }

  pendingOfStream(stream: string): Waitpoint[] {
    return this.#database
      .list("SELECT document FROM waitpoints WHERE stream = ? AND pending = 1", stream)
      .map(toWaitpoint);
  }

  /** Tokens, the newest first. */
  tokens(limit: number): Waitpoint[] {
    return this.#database
      .list("SELECT document FROM waitpoints ORDER BY created_at DESC, id DESC")
      .map(toWaitpoint)
      .filter(({ type, stream }) => type === "MANUAL" && stream === undefined)
      .slice(0, limit);
  }

  #one(sql: string, value: string): Waitpoint | undefined {
    const row = this.#database.first(sql, value);
    return row && toWaitpoint(row);
  }
}

function toWaitpoint(row: Record<string, unknown>): Waitpoint {
  return JSON.parse(String(row["document"]));
}
