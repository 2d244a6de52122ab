import { readlinkSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { IsolationBench, makeEngineFiles } from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import { childrenOf } from "../../process-table.ts";

const reason = await whyNoNamespaces();

test.skipIf(reason !== undefined)(
  "what waits ahead of time takes a command whose files the engine has made",
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    const root = await bench.prepare();
    for (let turn = 0; turn < 5; turn++) {
      // The next one is started after a command's end, when the engine comes to it.
      await expect.poll(doesOneWait, { timeout: 10_000, interval: 5 }).toBe(true);
      const directory = join(bench.directory, `command-${turn}`);
      await makeEngineFiles(directory);
      const { ino } = await stat(directory);
      expect(await bench.run(root, ["echo", `${turn}`], { directory })).toEqual({
        exitCode: 0,
        stdout: `${turn}\n`,
        stderr: "",
      });
      // Its own directory stands there now: the one that a process has had open since it entered.
      expect((await stat(directory)).ino).not.toBe(ino);
    }
  },
);

/** Whether a process of the engine's stands in a directory for what is yet to come. */
function doesOneWait(): boolean {
  return childrenOf(process.pid).some((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).includes("/waiting/");
    } catch {
      return false; // It has ended.
    }
  });
}
