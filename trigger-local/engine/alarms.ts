// What setTimeout takes at most; what is later is looked at again then.
const LONGEST_MS = 2 ** 31 - 1;

/** Calls back at given times, one call per key. Times that have passed are called on the next turn. */
export class Alarms implements Disposable {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Replaces what was set for the key before. */
  set(key: string, at: number, callback: () => void): void {
    this.clear(key);
    const wait = at - Date.now();
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        if (wait > LONGEST_MS) this.set(key, at, callback);
        else callback();
      },
      Math.min(Math.max(wait, 0), LONGEST_MS),
    );
    this.#timers.set(key, timer);
  }

  clear(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
