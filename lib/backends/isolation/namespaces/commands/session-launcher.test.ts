import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { IsolationBench } from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";

const reason = await whyNoNamespaces();

test.skipIf(reason !== undefined)(
  "what waits ahead of time takes a command whose files the engine has made",
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    const root = await bench.prepare();
    let taken = 0;
    // The next one that waits is started after a command's end: not each finds one on a busy machine.
    for (let turn = 0; turn < 5 || (taken === 0 && turn < 100); turn++) {
      const directory = join(bench.directory, `command-${turn}`);
      await mkdir(directory, { mode: 0o700 });
      for (const name of ["stdout", "stderr", "index", "exit"]) {
        await writeFile(join(directory, name), "", { mode: 0o600 });
      }
      const { ino } = await stat(directory);
      expect(await bench.run(root, ["echo", `${turn}`], { directory })).toEqual({
        exitCode: 0,
        stdout: `${turn}\n`,
        stderr: "",
      });
      // Its own directory stands there then: the one that a process has had open since it entered.
      if ((await stat(directory)).ino !== ino) taken++;
    }
    expect(taken).toBeGreaterThan(0);
  },
);
