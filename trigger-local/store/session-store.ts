import type { SessionTriggerConfig } from "@trigger.dev/core/v3";
import type { Database } from "./open-database.ts";

/** A session: two streams, and the run that reads the one and writes the other. */
export interface Session {
  id: string;
  externalId?: string;
  type: string;
  task: string;
  triggerConfig: SessionTriggerConfig;
  currentRunId?: string;
  tags: string[];
  metadata?: Record<string, unknown>;
  closedAt?: number;
  closedReason?: string;
  expiresAt?: number;
  createdAt: number;
  updatedAt: number;
}

export class SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(session: Session): void {
    session.updatedAt = Date.now();
    this.#database.run(
      `INSERT INTO sessions (id, external_id, created_at, document) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id, document = excluded.document`,
      session.id,
      session.externalId ?? null,
      session.createdAt,
      JSON.stringify(session),
    );
  }

  /** By its own id, or by the one that the caller gave it. */
  find(id: string): Session | undefined {
    const row = this.#database.first(
      "SELECT document FROM sessions WHERE id = ? OR external_id = ?",
      id,
      id,
    );
    return row && toSession(row);
  }

  /** The newest first. */
  list(): Session[] {
    return this.#database
      .list("SELECT document FROM sessions ORDER BY created_at DESC, id DESC")
      .map(toSession);
  }
}

function toSession(row: Record<string, unknown>): Session {
  return JSON.parse(String(row["document"]));
}
