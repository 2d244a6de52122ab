import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { IsolationBench } from "../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../testing/namespaces-bench.ts";

const reason = await whyNoNamespaces();

test.skipIf(reason !== undefined)(
  `a session that could not be halted to its end is halted when it is asked again${reason ? ` (not here: ${reason})` : ""}`,
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    const root = await bench.prepare();
    const { folder } = root.handle as { folder: string };
    const directory = join(bench.directory, "isolation", "roots", folder);
    // In the place of a file that a halt deletes.
    const obstacle = join(directory, "frozen.json");
    await mkdir(obstacle);
    const halts = [root.halt({ graceMs: 0 }), root.halt({ graceMs: 0 })];
    for (const halt of halts) await expect(halt).rejects.toThrow(/frozen\.json/);
    await rm(obstacle, { recursive: true });
    await root.halt({ graceMs: 0 });
    await root.remove();
    expect(existsSync(directory)).toBe(false);
  },
);
