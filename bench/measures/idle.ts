import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { megabytes, type Measure } from "../measure.ts";

// What /proc/<pid>/stat counts processor time in, on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold anything; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
}

/** What sandboxes cost that do nothing. */
export const idle: Measure = {
  name: "idle",
  async run({ create, freshDaemon, daemonMemory, daemonPid, quick }) {
    const count = quick ? 40 : 200;
    await freshDaemon();
    const before = await daemonMemory();
    await using stack = new AsyncDisposableStack();
    for (let each = 0; each < count; each++) stack.use(await create());
    const after = await daemonMemory();
    // All that the daemon grew by, also what it loads once: an upper bound. Sandboxes have no process.
    const eachBytes = (after.nowBytes - before.nowBytes) / count;
    const pid = await daemonPid();
    const seconds = quick ? 2 : 10;
    const used = await processorMs(pid);
    await wait(seconds * 1_000);
    const perSecond = ((await processorMs(pid)) - used) / seconds;
    return [
      {
        what: "idle sandbox",
        baseline: "–",
        goal: "≤ 3 MB resident, no timer, no polling",
        result: `at most ${megabytes(eachBytes)} each; ${count} of them take ${perSecond.toFixed(1)} ms of a processor per second`,
        reached: eachBytes <= 3 * 1024 * 1024 && perSecond < 2,
        numbers: { eachBytes, processorMsPerSecond: perSecond, sandboxes: count },
      },
    ];
  },
};
