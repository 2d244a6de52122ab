import type { Clock } from "../engine/ports.ts";

// What setTimeout can wait at most; beyond it, it calls at once.
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(time, call) {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const left = time - Date.now();
      // A timer may fire a little early by the wall clock, and a long wait goes in steps.
      timer = left > 0 ? setTimeout(wait, Math.min(left, LONGEST_MS)) : setTimeout(call, 0);
      timer.unref();
    };
    wait();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
