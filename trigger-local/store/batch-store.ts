import type { Database } from "./open-database.ts";

/** Runs that were triggered together. */
export interface Batch {
  id: string;
  runCount: number;
  /** By their index in the batch; absent until the item arrived. */
  runIds: (string | null)[];
  sealed: boolean;
  /** Completes when all items have come in; a parent that waits is held up by it until then. */
  waitpointId: string;
  parentId?: string;
  resumesParent: boolean;
  idempotencyKey?: string;
  createdAt: number;
  updatedAt: number;
}

export class BatchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(batch: Batch): void {
    batch.updatedAt = Date.now();
    this.#database.run(
      `INSERT INTO batches (id, idempotency_key, document) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
      batch.id,
      batch.idempotencyKey ?? null,
      JSON.stringify(batch),
    );
  }

  find(id: string): Batch | undefined {
    return this.#one("SELECT document FROM batches WHERE id = ?", id);
  }

  findByKey(key: string): Batch | undefined {
    return this.#one("SELECT document FROM batches WHERE idempotency_key = ?", key);
  }

  #one(sql: string, value: string): Batch | undefined {
    const row = this.#database.first(sql, value);
    return row && JSON.parse(String(row["document"]));
  }
}
