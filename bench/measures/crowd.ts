import { megabytes, type Measure } from "../measure.ts";
import { timed } from "../statistics.ts";

const MOST_COMMANDS = 50;

/** Many sandboxes alive, many commands at once. */
export const crowd: Measure = {
  name: "crowd",
  async run({ create, freshDaemon, daemonMemory, quick }) {
    const count = quick ? 40 : 200;
    const commands = Math.min(MOST_COMMANDS, count);
    await freshDaemon();
    await using stack = new AsyncDisposableStack();
    const sandboxes: Awaited<ReturnType<typeof create>>[] = [];
    const createMs = await timed(async () => {
      while (sandboxes.length < count) {
        const some = Array.from({ length: Math.min(10, count - sandboxes.length) }, () => create());
        for (const sandbox of await Promise.all(some)) sandboxes.push(stack.use(sandbox));
      }
    });
    let lost = 0;
    const runMs = await timed(async () => {
      const some = sandboxes.slice(0, commands).map(async (sandbox, index) => {
        const script = `seq 1 2000; echo ${index} >&2; exit ${index}`;
        const result = await sandbox.runCommand("sh", ["-c", script]);
        const complete = (await result.stdout()).trimEnd().split("\n").length === 2_000;
        const own = (await result.stderr()) === `${index}\n` && result.exitCode === index;
        if (!complete || !own) lost++;
      });
      await Promise.all(some);
    });
    const { peakBytes } = await daemonMemory();
    return [
      {
        what: `${count} sandboxes alive, ${commands} commands at once`,
        baseline: "–",
        goal: "nothing lost, daemon under 300 MB",
        result: `${lost} lost, daemon at most ${megabytes(peakBytes)}; made in ${(createMs / 1_000).toFixed(1)} s, run in ${runMs.toFixed(0)} ms`,
        reached: lost === 0 && peakBytes < 300 * 1024 * 1024,
        numbers: { lost, peakBytes, createMs, runMs, sandboxes: count },
      },
    ];
  },
};
