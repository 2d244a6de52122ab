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
import { removeTree } from "../file-tree.ts";

const reason = whyNoOrdinaryUser();
const ROOT = join(import.meta.dirname, "../../../..");
const SUITE = join(import.meta.dirname, "namespaces-isolation.test.ts");

test.skipIf(reason !== undefined)(
  `the same suite holds for an ordinary user (${reason ?? "one of no name"})`,
  async () => {
    const home = await mkdtemp(join(tmpdir(), "sandlot-user-"));
    await chown(home, ORDINARY_USER.uid, ORDINARY_USER.gid);
    try {
      const vitest = join(
        dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
        "vitest.mjs",
      );
      const environment = [`HOME=${home}`, `TMPDIR=${home}`];
      // The usual way to read the configuration writes beside it, which this user may not.
      const results = join(home, "results.json");
      const options = ["run", "--configLoader", "runner", "--project", "lib"];
      const reporter = ["--reporter", "json", "--outputFile", results];
      const program = [process.execPath, vitest, ...options, ...reporter, relative(ROOT, SUITE)];
      const { exitCode, stderr } = await runAsOrdinaryUser(
        ["/usr/bin/env", ...environment, ...program],
        { cwd: ROOT },
      );
      const report = JSON.parse(await readFile(results, "utf8")) as Report;
      const failed = report.testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === "failed")
        .map(({ fullName }) => fullName);
      expect(failed, stderr).toEqual([]);
      expect(exitCode, stderr).toBe(0);
      expect(report.numPassedTests).toBeGreaterThan(80);
    } finally {
      await removeTree(home);
    }
  },
  300_000,
);

interface Report {
  numPassedTests: number;
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}
