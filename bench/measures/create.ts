import { setTimeout } from "node:timers/promises";
import { both, type Measure } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

/** So long an engine has nothing to do before it is asked: it gets the next sandbox ready meanwhile. */
const REST_MS = 250;

/**
 * From asking for a sandbox to the first output of its first command: of an engine that rests, as it does where
 * a person or a test asks now and then, and of one that is asked again and again without a pause.
 */
export const create: Measure = {
  name: "create",
  async run({ engine, create: createSandbox, quick }) {
    const made: string[] = [];
    const throughSdk = async () => {
      let sandbox: Awaited<ReturnType<typeof createSandbox>> | undefined;
      const elapsed = await timed(async () => {
        sandbox = await createSandbox();
        await (await sandbox.runCommand("echo", ["hi"])).stdout();
      });
      await sandbox?.[Symbol.asyncDispose]();
      return elapsed;
    };
    const found = await interleave(
      {
        async engine() {
          await setTimeout(REST_MS);
          return timed(async () => {
            const { sandbox, session } = await engine.sandboxes.create({ persistent: false });
            made.push(sandbox.name);
            const command = await engine.commands.start(session.id, { cmd: "echo", args: ["hi"] });
            for await (const { data } of engine.commands.output(session.id, command.id)) {
              if (data) break;
            }
          });
        },
        async sdk() {
          await setTimeout(REST_MS);
          return throughSdk();
        },
      },
      { rounds: quick ? 10 : 60 },
    );
    for (const name of made) await engine.sandboxes.delete(name);
    const { row } = await interleave({ row: throughSdk }, { rounds: quick ? 10 : 60 });
    return [
      {
        what: "create → first command's output, through SDK and daemon",
        baseline: "–",
        goal: "p50 under 40 ms",
        result: `${both(found.sdk)}; engine-side ${both(found.engine)}; one after the other without a pause ${both(row)}`,
        reached: found.sdk.p50 < 40,
        numbers: { ...found, row },
      },
    ];
  },
};
