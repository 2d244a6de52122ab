import { spawn } from "node:child_process";
import { once } from "node:events";
import { both, type Measure, milliseconds } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

async function rawSpawn(): Promise<void> {
  const child = spawn("echo", ["hi"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
}

/** One more command in a sandbox that runs. */
export const command: Measure = {
  name: "command",
  async run({ engine, create, quick }) {
    await using sandbox = await create();
    const own = await engine.sandboxes.create({ persistent: false });
    const { id: sessionId } = own.session;
    const found = await interleave(
      {
        spawn: () => timed(rawSpawn),
        engine: () =>
          timed(async () => {
            const started = await engine.commands.start(sessionId, { cmd: "echo", args: ["hi"] });
            await engine.commands.wait(sessionId, started.id);
          }),
        sdk: () =>
          timed(async () => {
            await (await sandbox.runCommand("echo", ["hi"])).stdout();
          }),
      },
      { rounds: quick ? 30 : 300 },
    );
    await engine.sandboxes.delete(own.sandbox.name);
    const ratio = found.engine.p50 / found.spawn.p50;
    const more = found.sdk.p50 - found.spawn.p50;
    return [
      {
        what: "one more command in a running sandbox, engine-side",
        baseline: `raw spawn: ${both(found.spawn)}`,
        goal: "≤ 1.3×",
        result: `${ratio.toFixed(2)}×: ${both(found.engine)}`,
        reached: ratio <= 1.3,
        numbers: { spawn: found.spawn, engine: found.engine, ratio },
      },
      {
        what: "the same through the SDK and the daemon",
        baseline: `raw spawn: ${both(found.spawn)}`,
        goal: "+ ≤ 3 ms",
        result: `+ ${milliseconds(more)}: ${both(found.sdk)}`,
        reached: more <= 3,
        numbers: { spawn: found.spawn, sdk: found.sdk, moreMs: more },
      },
    ];
  },
};
