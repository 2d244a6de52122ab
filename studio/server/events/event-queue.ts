/** Values that are put in by calls and taken out by a loop, in order. What nobody takes waits. */
export class EventQueue<Value extends object> {
  readonly #values: Value[] = [];
  #changed = Promise.withResolvers<void>();

  push(value: Value): void {
    this.#values.push(value);
    this.#changed.resolve();
  }

  /** Ends when the signal is aborted. */
  async *read(signal: AbortSignal): AsyncGenerator<Value, void, void> {
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    signal.addEventListener("abort", abort, { once: true });
    try {
      while (!signal.aborted) {
        const value = this.#values.shift();
        if (value !== undefined) {
          yield value;
        } else {
          this.#changed = Promise.withResolvers<void>();
          await Promise.race([this.#changed.promise, aborted.promise]);
        }
      }
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
