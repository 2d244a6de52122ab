import { abortable } from "./abortable.ts";

/**
 * One result that many may wait for, and leave again: a promise would remember each of them until it is
 * settled, however long ago they left.
 */
export class Settlement<T> {
  readonly #waiting = new Set<PromiseWithResolvers<T>>();
  #settled: Promise<T> | undefined;

  /** How many wait now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Only the first result counts. */
  resolve(value: T): void {
    if (this.#settled) return;
    this.#settled = Promise.resolve(value);
    for (const waiter of this.#waiting) waiter.resolve(value);
  }

  /** Whoever waits now or later gets the error; with nobody waiting it is nobody's. */
  reject(error: unknown): void {
    if (this.#settled) return;
    this.#settled = Promise.reject(error);
    this.#settled.catch(() => undefined);
    for (const waiter of this.#waiting) waiter.reject(error);
  }

  /** Throws the signal's own reason when it comes first. */
  async wait(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#settled) return this.#settled;
    const waiter = Promise.withResolvers<T>();
    this.#waiting.add(waiter);
    try {
      return await abortable(waiter.promise, signal);
    } finally {
      this.#waiting.delete(waiter);
    }
  }
}
