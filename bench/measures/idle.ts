import { setTimeout as wait } from "node:timers/promises";
import { megabytes, type Measure } from "../measure.ts";
import { memoryShareOf } from "../memory-share.ts";
import { processorMs } from "../processor-time.ts";

// What is made ready for the next sandbox is there by then.
const SETTLED_MS = 2_000;

/** What sandboxes cost that do nothing. */
export const idle: Measure = {
  name: "idle",
  async run({ create, freshDaemon, daemonPid, quick }) {
    const count = quick ? 40 : 200;
    await freshDaemon();
    await using stack = new AsyncDisposableStack();
    // What is loaded and started once, and serves all, is not one sandbox's.
    stack.use(await create());
    const pid = await daemonPid();
    await wait(SETTLED_MS);
    const before = await memoryShareOf(pid);
    for (let each = 0; each < count; each++) stack.use(await create());
    await wait(SETTLED_MS);
    const after = await memoryShareOf(pid);
    const eachBytes = (after.bytes - before.bytes) / count;
    const processes = (after.processes - before.processes) / count;
    const seconds = quick ? 2 : 10;
    const used = await processorMs(pid);
    await wait(seconds * 1_000);
    const perSecond = ((await processorMs(pid)) - used) / seconds;
    const gateway = after.gatewayBytes
      ? `; the network's gateway, one for all, ${megabytes(after.gatewayBytes)}`
      : "";
    return [
      {
        what: "idle sandbox: all its processes, and what daemon and gateway grow by (PSS)",
        baseline: "–",
        goal: "≤ 3 MB resident, no timer, no polling",
        result: `${megabytes(eachBytes)} in ${processes.toFixed(0)} processes each; ${count} of them take ${perSecond.toFixed(1)} ms of a processor per second${gateway}`,
        reached: eachBytes <= 3 * 1024 * 1024 && perSecond < 2,
        numbers: {
          eachBytes,
          processes,
          gatewayBytes: after.gatewayBytes,
          processorMsPerSecond: perSecond,
          sandboxes: count,
        },
      },
    ];
  },
};
