import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Sandbox } from "sandlot";
import { both, type Measure } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

const run = promisify(execFile);
const COUNT = 30_000;
const FOLDERS = 3_000;
const LARGEST_BYTES = 2 * 1024 * 1024;

// Sizes as those of a node_modules: half of the files are below 2 kB, few hold most of the bytes, 13 kB each on
// average. The same ones at every run.
const MAKE_TREE = `
  const { mkdirSync, writeFileSync } = require("node:fs");
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const gauss = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const content = Buffer.alloc(${LARGEST_BYTES}, "const value = 1;\\n");
  for (let folder = 0; folder < ${FOLDERS}; folder++) {
    mkdirSync("tree/" + (folder % 60) + "/" + folder, { recursive: true });
    for (let each = 0; each < ${COUNT / FOLDERS}; each++) {
      const size = Math.min(${LARGEST_BYTES}, Math.round(2000 * Math.exp(1.96 * gauss())));
      writeFileSync("tree/" + (folder % 60) + "/" + folder + "/" + each + ".js", content.subarray(0, size));
    }
  }`;

/** Snapshots and forks of a tree with many files. */
export const snapshot: Measure = {
  name: "snapshot",
  async run({ engine, create, directory, quick }) {
    await using sandbox = await create({ persistent: true });
    const made = await sandbox.runCommand("node", ["-e", MAKE_TREE]);
    if (made.exitCode !== 0) throw new Error(await made.stderr());
    const tree = await directory();
    await run(process.execPath, ["-e", MAKE_TREE], { cwd: tree });
    await sandbox.snapshot();
    const found = await interleave(
      {
        async copy() {
          const target = join(await directory(), "copy");
          const elapsed = await timed(() => run("cp", ["-a", tree, target]));
          await rm(target, { recursive: true });
          return elapsed;
        },
        async snapshot() {
          // It runs again before the clock does.
          await sandbox.runCommand("true");
          return timed(() => sandbox.snapshot());
        },
        async fork() {
          let fork: Sandbox | undefined;
          const elapsed = await timed(async () => {
            fork = await Sandbox.fork({ sourceSandbox: sandbox.name, persistent: false });
          });
          await fork?.delete();
          return elapsed;
        },
      },
      { rounds: quick ? 1 : 4 },
    );
    const goal = "≤ 2 % with `namespaces`; with `process` the files are copied";
    const baseline = `cp -a: ${both(found.copy)}`;
    return (["snapshot", "fork"] as const).map((which) => {
      const share = found[which].p50 / found.copy.p50;
      return {
        what: `${which} of a tree with 30,000 files, 390 MB`,
        baseline,
        goal,
        result: `${share < 0.1 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)} %: ${both(found[which])}`,
        // Without layers all files are copied.
        ...(engine.isolation.name === "namespaces" && { reached: share <= 0.02 }),
        numbers: { copy: found.copy, [which]: found[which], share },
      };
    });
  },
};
