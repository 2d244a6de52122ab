import type { DatabaseSync } from "node:sqlite";
import type { StudioChunk } from "../../contract/message.ts";

/**
 * The stream of one turn, kept in memory for readers and on disk for the time after a crash. Readers may join at any
 * time: each sees every chunk from where it begins, then follows live until the log is closed. A reader that
 * stalls or leaves never holds up the turn.
 */
export class TurnLog {
  readonly #database: DatabaseSync;
  readonly #turnId: string;
  readonly #chunks: StudioChunk[];
  #closed = false;
  #changed = Promise.withResolvers<void>();

  /** Goes on after what is on disk already. */
  constructor(database: DatabaseSync, turnId: string) {
    this.#database = database;
    this.#turnId = turnId;
    this.#chunks = readChunks(database, turnId);
  }

  get length(): number {
    return this.#chunks.length;
  }

  /** When it returns, the chunk is on disk. */
  append(chunk: StudioChunk): void {
    this.#database
      .prepare("INSERT INTO turn_chunks (turn_id, position, chunk) VALUES (?, ?, ?)")
      .run(this.#turnId, this.#chunks.length, JSON.stringify(chunk));
    this.#chunks.push(chunk);
    this.#wake();
  }

  /** No more chunks come: readers end. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Ends when the log is closed, or the signal aborted. */
  async *read(from: number, signal?: AbortSignal): AsyncGenerator<StudioChunk, void, void> {
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      for (let position = from; !signal?.aborted;) {
        const chunk = this.#chunks[position];
        if (chunk) {
          position += 1;
          yield chunk;
        } else if (this.#closed) {
          return;
        } else {
          await Promise.race([this.#changed.promise, aborted.promise]);
        }
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** What a turn's log holds on disk. */
export function readChunks(database: DatabaseSync, turnId: string): StudioChunk[] {
  const rows = database
    .prepare("SELECT chunk FROM turn_chunks WHERE turn_id = ? ORDER BY position")
    .all(turnId);
  // Written by the log alone.
  return rows.map(({ chunk }) => JSON.parse(String(chunk)) as StudioChunk);
}
