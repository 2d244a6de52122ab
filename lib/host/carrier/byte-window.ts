import { CARRIER_LIMITS } from "../../contract/carrier.ts";
import { abortable } from "../../std/abortable.ts";

/** What a sender of a body may still send before the reader has taken in more. */
export class ByteWindow {
  #free: number = CARRIER_LIMITS.windowBytes;
  #more = Promise.withResolvers<void>();

  /** Waits until a chunk may go, however large it is, and counts it. Throws the signal's reason. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.#free <= 0) await abortable(this.#more.promise, signal);
    this.#free -= bytes;
  }

  /** The reader has taken in so much. */
  grant(bytes: number): void {
    this.#free += bytes;
    this.#more.resolve();
    this.#more = Promise.withResolvers<void>();
  }
}
