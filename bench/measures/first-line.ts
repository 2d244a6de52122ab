import { spawn } from "node:child_process";
import { both, type Measure, milliseconds } from "../measure.ts";
import { interleave } from "../statistics.ts";

const LINES = 25;

// Each line is the moment at which it was written, by the clock that all processes share.
const SCRIPT = `
  let left = ${LINES};
  const next = () => {
    require("fs").writeSync(1, process.hrtime.bigint() + "\\n");
    if (--left > 0) setTimeout(next, 15 + Math.random() * 10);
  };
  setTimeout(next, 50);`;

function delays(text: string, seenAt: bigint): number[] {
  return text
    .trim()
    .split("\n")
    .map((line) => Number(seenAt - BigInt(line)) / 1e6);
}

/** From a line's writing to its arrival at the caller. */
export const firstLine: Measure = {
  name: "first-line",
  async run({ create, quick }) {
    await using sandbox = await create();
    const found = await interleave(
      {
        async pipe() {
          const child = spawn("node", ["-e", SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
          const samples: number[] = [];
          for await (const chunk of child.stdout) {
            samples.push(...delays(String(chunk), process.hrtime.bigint()));
          }
          return samples;
        },
        async sdk() {
          const command = await sandbox.runCommand({
            cmd: "node",
            args: ["-e", SCRIPT],
            detached: true,
          });
          const samples: number[] = [];
          for await (const { data } of command.logs()) {
            samples.push(...delays(data, process.hrtime.bigint()));
          }
          return samples;
        },
      },
      { rounds: quick ? 3 : 12 },
    );
    const more = found.sdk.p50 - found.pipe.p50;
    return [
      {
        what: "a log line, from its writing to the caller",
        baseline: `raw pipe: ${both(found.pipe)}`,
        goal: "+ ≤ 3 ms",
        result: `+ ${milliseconds(more)}: ${both(found.sdk)}`,
        reached: more <= 3,
        numbers: { ...found, moreMs: more },
      },
    ];
  },
};
