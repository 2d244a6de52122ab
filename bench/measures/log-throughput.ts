import { spawn } from "node:child_process";
import { type Measure, percent } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

const MEGABYTES = 96;
const LINE = `${"log line ".repeat(11)}\n`;
const SCRIPT = `yes '${LINE.trimEnd()}' | head -c ${MEGABYTES * 1024 * 1024}`;

/** How fast a command's output reaches the caller. */
export const logThroughput: Measure = {
  name: "log-throughput",
  async run({ create, quick }) {
    await using sandbox = await create();
    const perSecond = (bytes: number, elapsedMs: number) => {
      if (bytes !== MEGABYTES * 1024 * 1024) throw new Error(`${bytes} bytes arrived`);
      return MEGABYTES / (elapsedMs / 1_000);
    };
    const found = await interleave(
      {
        async pipe() {
          let bytes = 0;
          const elapsed = await timed(async () => {
            const child = spawn("sh", ["-c", SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
            child.stdout.setEncoding("utf8");
            for await (const text of child.stdout) bytes += String(text).length;
          });
          return perSecond(bytes, elapsed);
        },
        async sdk() {
          let bytes = 0;
          const elapsed = await timed(async () => {
            const args = ["-c", SCRIPT];
            const command = await sandbox.runCommand({ cmd: "sh", args, detached: true });
            for await (const { data } of command.logs()) bytes += data.length;
          });
          return perSecond(bytes, elapsed);
        },
      },
      { rounds: quick ? 2 : 6 },
    );
    const share = found.sdk.p50 / found.pipe.p50;
    return [
      {
        what: "log throughput to the caller",
        baseline: `raw pipe: ${found.pipe.p50.toFixed(0)} MB/s`,
        goal: "≥ 50 %",
        result: `${percent(share)}: ${found.sdk.p50.toFixed(0)} MB/s`,
        reached: share >= 0.5,
        numbers: { pipeMbPerSecond: found.pipe, sdkMbPerSecond: found.sdk, share },
      },
    ];
  },
};
