import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { readProcFile } from "./process-table.ts";

/** A program is there within milliseconds, or never: on a kernel that does not tell of children, for one. */
const LIMIT_MS = 1_000;
/** So often it is looked at as quickly as can be. */
const QUICK_LOOKS = 50;

/** The number of a process in the innermost pid namespace that it is in; its own where there are none. */
function insidePid(pid: number): number | undefined {
  if (process.platform !== "linux") return pid;
  const status = readProcFile(pid, "status")?.toString("latin1") ?? "";
  const numbers = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/);
  return numbers && Number(numbers.at(-1));
}

/**
 * Waits until a program that was just started is there, and gives its number as it is seen inside; undefined
 * when it has ended before anybody saw it.
 */
export async function findInsidePid(
  find: () => number | undefined,
  hasEnded: () => boolean,
): Promise<number | undefined> {
  const giveUpAt = performance.now() + LIMIT_MS;
  // exec(2) is silent: that a program runs is no event for anybody else.
  for (let looks = 0; !hasEnded() && performance.now() < giveUpAt; looks += 1) {
    const pid = find();
    const inside = pid === undefined ? undefined : insidePid(pid);
    if (inside !== undefined) return inside;
    if (looks < QUICK_LOOKS) await turn();
    else await delay(1);
  }
  return undefined;
}
