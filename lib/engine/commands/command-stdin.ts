import type { Writable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { abortable } from "../../std/abortable.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";

export interface StdinWrite {
  data: Uint8Array;
  /** The count of bytes written before; absent means: just append. */
  offset?: number;
  /** Closes stdin after the data. */
  end?: boolean;
}

export interface CommandStdinOptions {
  stream: Writable;
  /** How long a write may wait for the command to read. */
  acceptMs?: number;
}

/**
 * Ordered writes to one command's stdin. A write that is sent again by its offset is taken once.
 * What the command does not read waits here, at most one write of it.
 */
export class CommandStdin {
  readonly #stream: Writable;
  readonly #acceptMs: number;
  readonly #order = new KeyedMutex();
  #written = 0;

  constructor({ stream, acceptMs = LIMITS.stdinAcceptMs }: CommandStdinOptions) {
    this.#stream = stream;
    this.#acceptMs = acceptMs;
    // A command that no longer reads: the next write says so.
    stream.on("error", () => stream.destroy());
  }

  /** Throws `stdin_offset_gap`, `stdin_timeout`, and `invalid_request` once stdin is closed. */
  async write(
    request: StdinWrite,
    signal?: AbortSignal,
  ): Promise<{ bytesWritten: number; offset: number }> {
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(this.#acceptMs);
    const given = signal ? AbortSignal.any([signal, limit]) : limit;
    try {
      const taken = this.#order.run("stdin", async () => {
        given.throwIfAborted();
        return this.#take(request, given);
      });
      return await abortable(taken, given);
    } catch (error) {
      if (error !== limit.reason || !limit.aborted) throw error;
      throw new SandboxError(
        "stdin_timeout",
        `The command did not read its stdin for ${this.#acceptMs} ms; ${this.#written} bytes are on their way, go on from that offset.`,
        { cause: error },
      );
    }
  }

  async #take(
    request: StdinWrite,
    given: AbortSignal,
  ): Promise<{ bytesWritten: number; offset: number }> {
    // The write before may not be read yet: until then nothing more is taken.
    await this.#drained(given);
    const data = this.#missingPart(request);
    if (this.#stream.destroyed || this.#stream.writableEnded) {
      if (data.length === 0) return { bytesWritten: 0, offset: this.#written };
      throw new SandboxError(
        "invalid_request",
        "The command's stdin is closed: it was ended before, or the command no longer reads.",
      );
    }
    if (data.length > 0) this.#stream.write(data);
    this.#written += data.length;
    await this.#drained(given);
    if (request.end) this.#stream.end();
    return { bytesWritten: data.length, offset: this.#written };
  }

  #missingPart({ data, offset = this.#written }: StdinWrite): Uint8Array {
    if (offset > this.#written) {
      throw new SandboxError(
        "stdin_offset_gap",
        `offset: ${this.#written} bytes have been written so far, so data for offset ${offset} would leave a gap; send the bytes between first.`,
      );
    }
    return data.subarray(Math.min(data.length, this.#written - offset));
  }

  /** Returns when the command has room for more, or has gone, which is no failure of what was written before. */
  async #drained(given: AbortSignal): Promise<void> {
    const stream = this.#stream;
    if (!stream.writableNeedDrain || stream.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const events = ["drain", "finish", "close"];
    for (const event of events) stream.once(event, resolve);
    try {
      await abortable(promise, given);
    } finally {
      for (const event of events) stream.off(event, resolve);
    }
  }
}
