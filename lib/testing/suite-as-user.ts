import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { IsolationSubject } from "./isolation-suite.ts";
import type { Ended } from "./run-program.ts";

/** Where the suite is run: the project's folder. */
export const SUITE_ROOT = join(import.meta.dirname, "../..");
const SUITE = "lib/backends/isolation/namespaces/namespaces-isolation.test.ts";
/** Two suites may take turns on a busy machine. */
export const SUITE_LIMIT_MS = 600_000;

export interface SuiteOptions {
  /** Of the suite's subjects, those that are run; all by default. */
  subjects?: readonly IsolationSubject[];
  /** So many cases must have been run, and passed. */
  atLeast: number;
}

/**
 * Runs the isolation suite of the namespaces by another vitest, as somebody else: `run` gets its words and starts
 * it in the project's folder. Fails with the cases that failed. `results` is a file that he may write.
 */
export async function expectSuite(
  results: string,
  run: (words: string[]) => Promise<Ended>,
  { subjects, atLeast }: SuiteOptions,
): Promise<void> {
  const vitest = createRequire(import.meta.url).resolve("vitest/package.json");
  // The usual way to read the configuration writes beside it, which this user may not.
  const options = ["run", "--configLoader", "runner", "--project", "lib"];
  const chosen = subjects ? ["--testNamePattern", `: (${subjects.join("|")}) `] : [];
  const reporter = ["--reporter", "json", "--outputFile", results];
  const program = [process.execPath, join(dirname(vitest), "vitest.mjs"), ...options, ...reporter];
  const { exitCode, stderr } = await run([...program, ...chosen, SUITE]);
  const report = JSON.parse(await readFile(results, "utf8")) as Report;
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "failed")
    .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join("\n")}`);
  expect(failed, stderr).toEqual([]);
  expect(exitCode, stderr).toBe(0);
  expect(report.numPassedTests).toBeGreaterThanOrEqual(atLeast);
}

interface Report {
  numPassedTests: number;
  testResults: {
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}
