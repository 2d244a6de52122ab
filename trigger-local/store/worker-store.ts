import type { BackgroundWorkerMetadata } from "@trigger.dev/core/v3";
import type { Database } from "./open-database.ts";

/** A version of the project's tasks, as the CLI registered it. */
export interface Worker {
  id: string;
  version: string;
  createdAt: number;
  metadata: Omit<BackgroundWorkerMetadata, "sourceFiles">;
}

export class WorkerStore {
  readonly #database: Database;
  #latest: Worker | undefined;

  constructor(database: Database) {
    this.#database = database;
    const row = database.first("SELECT document FROM workers ORDER BY created_at DESC LIMIT 1");
    this.#latest = row && JSON.parse(String(row["document"]));
  }

  save(worker: Worker): void {
    this.#database.run(
      "INSERT INTO workers (id, created_at, document) VALUES (?, ?, ?)",
      worker.id,
      worker.createdAt,
      JSON.stringify(worker),
    );
    this.#latest = worker;
  }

  /** The one that was registered last, also in an earlier life of the platform. */
  get latest(): Worker | undefined {
    return this.#latest;
  }

  /** How many were registered since the given time. */
  countSince(time: number): number {
    return Number(
      this.#database.first("SELECT count(*) AS count FROM workers WHERE created_at >= ?", time)?.[
        "count"
      ],
    );
  }
}
