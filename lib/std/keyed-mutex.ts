/** Runs at most one task per key at a time, in order of arrival. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Waits for the earlier tasks of the key, then runs this one and gives its result or its error. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const done = Promise.withResolvers<void>();
    this.#tails.set(key, done.promise);
    try {
      await before;
      return await task();
    } finally {
      done.resolve();
      if (this.#tails.get(key) === done.promise) this.#tails.delete(key);
    }
  }

  /** Whether a task of the key runs or waits. */
  isBusy(key: string): boolean {
    return this.#tails.has(key);
  }
}
