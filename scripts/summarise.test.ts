import { expect, test } from "vitest";
import { summarise } from "./summarise.ts";

const run = (results: object) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...results,
  });

test("counts what passed, failed and was left out", () => {
  expect(summarise(run({ numPassedTests: 12 }))).toBe("12 passed, 0 failed");
  expect(summarise(run({ numPassedTests: 3, numFailedTests: 1, numPendingTests: 2 }))).toBe(
    "3 passed, 1 failed, 2 skipped",
  );
});

test("counts a file that fails as a whole, once", () => {
  const testResults = [
    { status: "failed", assertionResults: [] },
    { status: "failed", assertionResults: [{ status: "passed" }] },
    { status: "failed", assertionResults: [{ status: "failed" }] },
    { status: "passed", assertionResults: [{ status: "passed" }] },
  ];
  expect(summarise(run({ numPassedTests: 2, numFailedTests: 1, testResults }))).toBe(
    "2 passed, 3 failed",
  );
});

test("refuses a run in which no test ran", () => {
  expect(() => summarise(run({ numPendingTests: 4 }))).toThrow("No test was run.");
});
