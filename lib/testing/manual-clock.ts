import type { Clock } from "../engine/ports.ts";

interface Alarm {
  time: number;
  call: () => void;
}

/** A clock that stands still until a test moves it. Alarms go off in order of their times. */
export class ManualClock implements Clock {
  #now: number;
  readonly #alarms = new Set<Alarm>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(time: number, call: () => void): Disposable {
    const alarm = { time, call };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => void this.#alarms.delete(alarm) };
  }

  /** Moves on by so many milliseconds; whatever is due on the way is called at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (true) {
      const due = [...this.#alarms]
        .filter((alarm) => alarm.time <= end)
        .sort((a, b) => a.time - b.time)[0];
      if (!due) break;
      this.#alarms.delete(due);
      this.#now = Math.max(this.#now, due.time);
      due.call();
    }
    this.#now = end;
  }

  /** How many alarms are set. */
  get pending(): number {
    return this.#alarms.size;
  }
}
