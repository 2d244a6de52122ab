import type { Database } from "./open-database.ts";

/** One record of a stream, as S2 keeps it. */
export interface StreamRecord {
  seq: number;
  timestamp: number;
  headers: [string, string][];
  body: string;
}

/** A record as a writer hands it in. `part` makes a second append of the same part do nothing. */
export interface NewRecord {
  headers?: [string, string][];
  body: string;
  part?: string;
}

/** The command of S2 that deletes what is before a sequence number; it has a header without a name. */
const TRIM = "trim";

/** Ordered records under a name. Appended once, read by any number of readers from any place. */
export class StreamStore {
  readonly #database: Database;
  readonly #onAppend: (stream: string) => void;

  constructor(database: Database, onAppend: (stream: string) => void) {
    this.#database = database;
    this.#onAppend = onAppend;
  }

  /** Appends all or nothing. Gives where the first one went, and where the next one will. */
  append(stream: string, records: readonly NewRecord[]): { start: number; end: number } {
    const at = this.#database.transaction(() => {
      this.#database.run("INSERT OR IGNORE INTO streams (name, next) VALUES (?, 0)", stream);
      const start = this.tail(stream);
      let seq = start;
      for (const record of records) {
        if (record.part !== undefined && this.#has(stream, record.part)) continue;
        this.#database.run(
          "INSERT INTO records (stream, seq, timestamp, headers, part, body) VALUES (?, ?, ?, ?, ?, ?)",
          stream,
          seq++,
          Date.now(),
          JSON.stringify(record.headers ?? []),
          record.part ?? null,
          record.body,
        );
        const earliest = trimPoint(record);
        if (earliest !== undefined) {
          this.#database.run("DELETE FROM records WHERE stream = ? AND seq < ?", stream, earliest);
        }
      }
      this.#database.run("UPDATE streams SET next = ? WHERE name = ?", seq, stream);
      return { start, end: seq };
    });
    this.#onAppend(stream);
    return at;
  }

  /** The number that the next record gets. */
  tail(stream: string): number {
    return Number(
      this.#database.first("SELECT next FROM streams WHERE name = ?", stream)?.["next"] ?? 0,
    );
  }

  /** Records from a number on, in order: at least one if there is one, and not much more than the bytes. */
  read(stream: string, from: number, limitBytes: number): StreamRecord[] {
    const records: StreamRecord[] = [];
    let bytes = 0;
    let seq = from;
    while (bytes < limitBytes) {
      const rows = this.#database.list(
        "SELECT seq, timestamp, headers, body FROM records WHERE stream = ? AND seq >= ? ORDER BY seq LIMIT 16",
        stream,
        seq,
      );
      for (const row of rows) {
        const record = toRecord(row);
        records.push(record);
        bytes += record.body.length;
        seq = record.seq + 1;
        if (bytes >= limitBytes) break;
      }
      if (rows.length < 16) break;
    }
    return records;
  }

  /** The streams whose name begins so. */
  names(prefix: string): string[] {
    return this.#database
      .list(
        "SELECT name FROM streams WHERE substr(name, 1, ?) = ? ORDER BY name",
        prefix.length,
        prefix,
      )
      .map((row) => String(row["name"]));
  }

  #has(stream: string, part: string): boolean {
    return (
      this.#database.first("SELECT 1 FROM records WHERE stream = ? AND part = ?", stream, part) !==
      undefined
    );
  }
}

function trimPoint({ headers, body }: NewRecord): number | undefined {
  const [first] = headers ?? [];
  if (first?.[0] !== "" || first[1] !== TRIM) return undefined;
  // Eight bytes, the highest first, as the SDK writes them.
  return Number(Buffer.from(body, "latin1").readBigUInt64BE());
}

function toRecord(row: Record<string, unknown>): StreamRecord {
  return {
    seq: Number(row["seq"]),
    timestamp: Number(row["timestamp"]),
    headers: JSON.parse(String(row["headers"])),
    body: String(row["body"]),
  };
}
