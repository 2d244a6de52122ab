import type { Clock } from "../ports.ts";

interface Activity {
  /** When something was last asked, or last ended. */
  at: number;
  /** How much goes on now. */
  underWay: number;
}

/** When each session was last used. What is not known is taken to be used right now: after a restart it begins anew. */
export class SessionActivity {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Activity>();
  #onQuiet: ((sessionId: string) => void) | undefined;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** Calls whenever the last that went on in a session has ended. */
  onQuiet(call: (sessionId: string) => void): void {
    this.#onQuiet = call;
  }

  touch(sessionId: string): void {
    this.#of(sessionId).at = this.#clock.now();
  }

  /** Something goes on until it is disposed of. */
  hold(sessionId: string): Disposable {
    const activity = this.#of(sessionId);
    activity.underWay += 1;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        activity.underWay -= 1;
        activity.at = this.#clock.now();
        // One that has ended meanwhile is known no more, and is not to be known again.
        if (activity.underWay === 0 && this.#sessions.get(sessionId) === activity) {
          this.#onQuiet?.(sessionId);
        }
      },
    };
  }

  /** Undefined while something goes on. */
  idleSince(sessionId: string): number | undefined {
    const { at, underWay } = this.#of(sessionId);
    return underWay > 0 ? undefined : at;
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  #of(sessionId: string): Activity {
    const known = this.#sessions.get(sessionId);
    if (known) return known;
    const activity = { at: this.#clock.now(), underWay: 0 };
    this.#sessions.set(sessionId, activity);
    return activity;
  }
}
