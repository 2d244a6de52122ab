import type { Clock } from "../engine/ports.ts";

// What setTimeout can wait at most; beyond it, it calls at once.
const LONGEST_MS = 2 ** 31 - 1;

interface Alarm {
  time: number;
  call: () => unknown;
  timer: NodeJS.Timeout | undefined;
}

/** The machine's own time, which a test may move on. */
export class SteerableClock implements Clock {
  #aheadMs = 0;
  readonly #alarms = new Set<Alarm>();
  #advancing: Promise<void> = Promise.resolve();

  /** By how much it is ahead of the machine's time. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  at(time: number, call: () => unknown): Disposable {
    const alarm: Alarm = { time, call, timer: undefined };
    this.#alarms.add(alarm);
    this.#wait(alarm);
    return {
      [Symbol.dispose]: () => {
        clearTimeout(alarm.timer);
        this.#alarms.delete(alarm);
      },
    };
  }

  /**
   * Moves on by so many milliseconds. What is due on the way is called at its own time, one after the other, and
   * is over when this resolves: a sandbox whose timeout passed has stopped. Calls wait for each other.
   */
  advance(ms: number): Promise<void> {
    const done = this.#advancing.then(() => this.#advance(ms));
    this.#advancing = done;
    return done;
  }

  async #advance(ms: number): Promise<void> {
    const target = this.#aheadMs + ms;
    while (true) {
      const due = this.#firstUntil(Date.now() + target);
      if (!due) break;
      this.#aheadMs = Math.min(target, Math.max(this.#aheadMs, due.time - Date.now()));
      clearTimeout(due.timer);
      this.#alarms.delete(due);
      await due.call();
    }
    this.#aheadMs = target;
    // They come nearer by as much.
    for (const alarm of this.#alarms) this.#wait(alarm);
  }

  #firstUntil(end: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.time <= end && (!first || alarm.time < first.time)) first = alarm;
    }
    return first;
  }

  #wait(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const left = alarm.time - this.now();
    // A timer may fire a little early by the wall clock, and a long wait goes in steps.
    alarm.timer =
      left > 0
        ? setTimeout(() => this.#wait(alarm), Math.min(left, LONGEST_MS))
        : setTimeout(() => this.#ring(alarm), 0);
    alarm.timer.unref();
  }

  #ring(alarm: Alarm): void {
    this.#alarms.delete(alarm);
    void alarm.call();
  }
}
