import { both, type Measure } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

/** From asking for a sandbox to the first output of its first command. */
export const create: Measure = {
  name: "create",
  async run({ engine, create: createSandbox, quick }) {
    const made: string[] = [];
    const found = await interleave(
      {
        engine: () =>
          timed(async () => {
            const { sandbox, session } = await engine.sandboxes.create({ persistent: false });
            made.push(sandbox.name);
            const command = await engine.commands.start(session.id, { cmd: "echo", args: ["hi"] });
            for await (const { data } of engine.commands.output(session.id, command.id)) {
              if (data) break;
            }
          }),
        sdk: async () => {
          let sandbox: Awaited<ReturnType<typeof createSandbox>> | undefined;
          const elapsed = await timed(async () => {
            sandbox = await createSandbox();
            await (await sandbox.runCommand("echo", ["hi"])).stdout();
          });
          await sandbox?.[Symbol.asyncDispose]();
          return elapsed;
        },
      },
      { rounds: quick ? 10 : 60 },
    );
    for (const name of made) await engine.sandboxes.delete(name);
    return [
      {
        what: "create → first command's output, through SDK and daemon",
        baseline: "–",
        goal: "p50 under 40 ms",
        result: `${both(found.sdk)}; engine-side ${both(found.engine)}`,
        reached: found.sdk.p50 < 40,
        numbers: found,
      },
    ];
  },
};
