import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Sandbox } from "sandlot";
import { both, type Measure, percent } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

const run = promisify(execFile);
const COUNT = 30_000;

async function makeTree(directory: string): Promise<void> {
  for (let folder = 0; folder < 300; folder++) {
    const path = join(directory, "tree", String(folder));
    await mkdir(path, { recursive: true });
    await Promise.all(
      Array.from({ length: COUNT / 300 }, (_, each) =>
        writeFile(join(path, `${each}.txt`), `file ${folder}/${each} ${"x".repeat(200)}`),
      ),
    );
  }
}

const MAKE_INSIDE = `
  const { mkdirSync, writeFileSync } = require("node:fs");
  for (let folder = 0; folder < 300; folder++) {
    mkdirSync("tree/" + folder, { recursive: true });
    for (let each = 0; each < ${COUNT / 300}; each++)
      writeFileSync("tree/" + folder + "/" + each + ".txt", "file " + folder + "/" + each + " " + "x".repeat(200));
  }`;

/** Snapshots and forks of a tree with many files. */
export const snapshot: Measure = {
  name: "snapshot",
  async run({ create, directory, quick }) {
    await using sandbox = await create({ persistent: true });
    await sandbox.runCommand("node", ["-e", MAKE_INSIDE]);
    const tree = await directory();
    await makeTree(tree);
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
    const goal = "≤ 2 % with namespaces; with `process`, the files are copied";
    const baseline = `cp -a: ${both(found.copy)}`;
    return (["snapshot", "fork"] as const).map((which) => {
      const share = found[which].p50 / found.copy.p50;
      return {
        what: `${which} of a tree with 30,000 files`,
        baseline,
        goal,
        result: `${percent(share)}: ${both(found[which])}`,
        numbers: { copy: found.copy, [which]: found[which], share },
      };
    });
  },
};
