import { once } from "node:events";
import type { Writable } from "node:stream";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { KeyedMutex } from "../std/keyed-mutex.ts";

export interface StdinWrite {
  data: Uint8Array;
  /** The count of bytes written before; absent means: just append. */
  offset?: number;
  /** Closes stdin after the data. */
  end?: boolean;
}

/** Ordered writes to one command's stdin. A write that is sent again by its offset is taken once. */
export class CommandStdin {
  readonly #stream: Writable;
  readonly #order = new KeyedMutex();
  #written = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A command that no longer reads: the next write says so.
    stream.on("error", () => stream.destroy());
  }

  async write(
    request: StdinWrite,
    signal?: AbortSignal,
  ): Promise<{ bytesWritten: number; offset: number }> {
    return this.#order.run("stdin", async () => {
      signal?.throwIfAborted();
      const data = this.#missingPart(request);
      if (this.#stream.destroyed || this.#stream.writableEnded) {
        if (data.length === 0) return { bytesWritten: 0, offset: this.#written };
        throw new SandboxError(
          "invalid_request",
          "The command's stdin is closed: it was ended before, or the command no longer reads.",
        );
      }
      const drained = data.length === 0 || this.#stream.write(data);
      this.#written += data.length;
      if (!drained) await this.#drain(signal);
      if (request.end) this.#stream.end();
      return { bytesWritten: data.length, offset: this.#written };
    });
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

  async #drain(signal?: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(LIMITS.stdinAcceptMs);
    try {
      await once(this.#stream, "drain", { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    } catch (error) {
      signal?.throwIfAborted();
      if (!limit.aborted) return; // Closed: the command has gone, which is no failure of this write.
      throw new SandboxError(
        "stdin_timeout",
        `The command did not read its stdin for ${LIMITS.stdinAcceptMs} ms; the data is queued, go on from offset ${this.#written}.`,
        { cause: error },
      );
    }
  }
}
