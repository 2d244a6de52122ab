import type { OutputStream } from "../../contract/command.ts";
import { abortable } from "../../std/abortable.ts";

interface Piece {
  stream: OutputStream;
  data: string;
}

/**
 * What callbacks are given, for one reader that takes it as it comes. It holds what the reader has not taken yet, however
 * much: one vendor's SDK has no way to make the writer wait, and the other's keeps all of an output itself.
 */
export class LineStream {
  #pieces: Piece[] = [];
  #changed = Promise.withResolvers<void>();
  #failure: unknown;
  ended = false;

  push(piece: Piece): void {
    this.#pieces.push(piece);
    this.#changed.resolve();
  }

  end(failure?: unknown): void {
    this.ended = true;
    this.#failure = failure;
    this.#changed.resolve();
  }

  /** Throws what it ended with, or the signal's reason. */
  async *read(signal?: AbortSignal): AsyncGenerator<Piece, void, void> {
    for (;;) {
      signal?.throwIfAborted();
      const pieces = this.#pieces;
      this.#pieces = [];
      yield* pieces;
      if (this.#pieces.length > 0) continue;
      if (this.ended) break;
      await abortable(this.#changed.promise, signal);
      this.#changed = Promise.withResolvers<void>();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
