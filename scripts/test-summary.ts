import { readFileSync } from "node:fs";
import * as z from "zod";

/** What vitest's JSON reporter says of a run, as far as it is needed here. */
const Results = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});

/** One line for people and programs: `N passed, N failed, N skipped`. Throws for a run without a test. */
export function summarise(json: string): string {
  const results = Results.parse(JSON.parse(json));
  if (results.numPassedTests + results.numFailedTests === 0) {
    throw new Error("No test was run.");
  }
  const skipped = results.numPendingTests + results.numTodoTests;
  const tail = skipped > 0 ? `, ${skipped} skipped` : "";
  return `${results.numPassedTests} passed, ${results.numFailedTests} failed${tail}`;
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (!file) throw new Error("usage: test-summary <vitest's JSON results>");
  process.stdout.write(`${summarise(readFileSync(file, "utf8"))}\n`);
}
