import type { Clock } from "../ports.ts";

/** One alarm per key; setting it again moves it. */
export class Deadlines implements Disposable {
  readonly #clock: Clock;
  readonly #alarms = new Map<string, Disposable>();
  #isDisposed = false;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** Once this is disposed of, nothing more is called. */
  set(key: string, time: number, call: () => unknown): void {
    this.clear(key);
    if (this.#isDisposed) return;
    const alarm = this.#clock.at(time, () => {
      this.#alarms.delete(key);
      return call();
    });
    this.#alarms.set(key, alarm);
  }

  clear(key: string): void {
    this.#alarms.get(key)?.[Symbol.dispose]();
    this.#alarms.delete(key);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const key of this.#alarms.keys()) this.clear(key);
  }
}
