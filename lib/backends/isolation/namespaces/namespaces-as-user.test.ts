import { chown, mkdtemp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import {
  ORDINARY_USER,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../testing/ordinary-user.ts";
import { rangeUser } from "../../../testing/range-user.ts";
import type { Ended } from "../../../testing/run-program.ts";
import { removeTree } from "../file-tree.ts";

const reason = whyNoOrdinaryUser();
const ROOT = join(import.meta.dirname, "../../../..");
const SUITE = join(import.meta.dirname, "namespaces-isolation.test.ts");
const IN_OUTER = join(import.meta.dirname, "../../../testing/run-in-outer.ts");

test.skipIf(reason !== undefined)(
  `the same suite holds for an ordinary user (${reason ?? "one of no name"})`,
  async () => {
    const home = await mkdtemp(join(tmpdir(), "sandlot-user-"));
    await chown(home, ORDINARY_USER.uid, ORDINARY_USER.gid);
    try {
      const environment = [`HOME=${home}`, `TMPDIR=${home}`];
      await expectSuite(join(home, "results.json"), (words) =>
        runAsOrdinaryUser(["/usr/bin/env", ...environment, ...words], { cwd: ROOT }),
      );
    } finally {
      await removeTree(home);
    }
  },
  600_000,
);

test.skipIf(reason !== undefined)(
  `the same suite holds for an ordinary user who has a range of ids (${reason ?? "one of no name"})`,
  async () => {
    await using user = await rangeUser();
    await expectSuite(join(user.home, "results.json"), (words) =>
      user.run([process.execPath, IN_OUTER, ...words], { cwd: ROOT }),
    );
    // The holder ends by itself, once the last who was inside has.
    await expect.poll(() => user.processes(), { timeout: 30_000 }).toEqual([]);
  },
  600_000,
);

async function expectSuite(
  results: string,
  run: (words: string[]) => Promise<Ended>,
): Promise<void> {
  const vitest = createRequire(import.meta.url).resolve("vitest/package.json");
  // The usual way to read the configuration writes beside it, which this user may not.
  const options = ["run", "--configLoader", "runner", "--project", "lib"];
  const reporter = ["--reporter", "json", "--outputFile", results];
  const program = [process.execPath, join(dirname(vitest), "vitest.mjs"), ...options, ...reporter];
  const { exitCode, stderr } = await run([...program, relative(ROOT, SUITE)]);
  const report = JSON.parse(await readFile(results, "utf8")) as Report;
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "failed")
    .map(({ fullName }) => fullName);
  expect(failed, stderr).toEqual([]);
  expect(exitCode, stderr).toBe(0);
  expect(report.numPassedTests).toBeGreaterThan(80);
}

interface Report {
  numPassedTests: number;
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}
