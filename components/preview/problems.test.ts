import { expect, test } from "vitest";
import { ErrorReport } from "@/studio/contract/runtime-error.ts";
import { addProblem, toProblem } from "./problems.ts";

const error = (message: string) =>
  toProblem({ type: "sandlot-preview", kind: "error", message, location: "/" });

test("whatever a page throws fits a report", () => {
  const problems = [error(""), error("x".repeat(100_000))];
  expect(ErrorReport.parse({ projectId: "p", errors: problems }).errors).toHaveLength(2);
});

test("the same error is listed once, and a page that throws for ever fills no memory", () => {
  let problems = addProblem([], error("a"));
  expect(addProblem(problems, error("a"))).toBe(problems);
  for (let count = 0; count < 500; count++) problems = addProblem(problems, error(`e${count}`));
  expect([problems.length, problems.at(-1)?.message]).toEqual([50, "e499"]);
});
