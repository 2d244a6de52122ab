import { EventEmitter } from "node:events";

/** Wakes whoever waits for something under a key to change. */
export class Changes {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  announce(key: string): void {
    this.#emitter.emit(`change:${key}`);
  }

  /**
   * Waits for the next announcement of the key; false when none came in time. Throws the signal's reason.
   * It listens from the call on: what is looked at right before, without waiting in between, is not missed.
   */
  async next(
    key: string,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<boolean> {
    signal?.throwIfAborted();
    const change = Promise.withResolvers<boolean>();
    const onChange = () => change.resolve(true);
    const onAbort = () => change.reject(signal?.reason);
    const timer = setTimeout(() => change.resolve(false), timeoutMs);
    this.#emitter.once(`change:${key}`, onChange);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await change.promise;
    } finally {
      clearTimeout(timer);
      this.#emitter.off(`change:${key}`, onChange);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
