import type { Database } from "./open-database.ts";

/** For how long what is over is kept: as long as the cloud keeps streams. */
export const KEPT_MS = 28 * 24 * 3_600_000;

/** Deletes what has been over for 28 days: runs with their payloads and outputs, waitpoints, records of streams. */
export function prune(database: Database, now = Date.now()): void {
  const before = now - KEPT_MS;
  database.transaction(() => {
    database.run("DELETE FROM records WHERE timestamp < ?", before);
    database.run("DELETE FROM runs WHERE finished = 1 AND created_at < ?", before);
    database.run("DELETE FROM waitpoints WHERE pending = 0 AND created_at < ?", before);
  });
}
