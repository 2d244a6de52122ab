import * as z from "zod";

/** What vitest's JSON reporter says of a run, as far as it is needed here. */
const Results = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** One line for people and programs: `N passed, N failed, N skipped`. Throws for a run without a test. */
export function summarise(json: string): string {
  const results = Results.parse(JSON.parse(json));
  // A file that cannot be loaded, or whose set-up throws, fails without a failed test.
  const brokenFiles = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  const failed = results.numFailedTests + brokenFiles.length;
  if (results.numPassedTests + failed === 0) throw new Error("No test was run.");
  const skipped = results.numPendingTests + results.numTodoTests;
  const tail = skipped > 0 ? `, ${skipped} skipped` : "";
  return `${results.numPassedTests} passed, ${failed} failed${tail}`;
}
