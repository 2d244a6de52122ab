import type { Requirement } from "../../requirements/requirement.ts";

/** `@e2b/code-interpreter` 2.8: code that runs piece by piece. */
export const INTERPRETER = [
  {
    id: "CIN-001",
    source: "e2b 1.4 | upstream basic.test, statefulness.test",
    behaviour:
      "Code gives the value of its last expression, and leaves its variables for the next.",
  },
  {
    id: "CIN-002",
    source: "upstream streaming.test",
    behaviour:
      "Output, results and errors are told as they come, by callbacks and in the execution.",
  },
  {
    id: "CIN-003",
    source: "upstream python.test, displayData.test",
    behaviour: "Objects are shown in each form that they have: text, HTML, PNG, JSON.",
  },
  {
    id: "CIN-004",
    source: "e2b 1.4 | upstream js, ts, bash",
    behaviour:
      "Python, JavaScript, TypeScript and bash run; each has a context of its own by default.",
  },
  {
    id: "CIN-005",
    source: "e2b 1.4 | upstream contexts.test",
    behaviour:
      "Contexts are made with a language and a directory, listed, restarted under their id, and removed.",
  },
  {
    id: "CIN-006",
    source: "e2b 1.4 | upstream envVars.test",
    behaviour: "Variables of one call are undone afterwards; the sandbox's own are seen.",
  },
  {
    id: "CIN-007",
    source: "upstream execCount, error.test",
    behaviour: "Errors come with name, value and traceback, and the executions are counted.",
  },
  {
    id: "CIN-008",
    source: "upstream timeout | own",
    behaviour: "Code that takes longer than its timeout is interrupted; its context goes on.",
  },
  {
    id: "CIN-009",
    source: "e2b 1.4",
    behaviour:
      "Contexts that are not there are NotFound; without the sandbox's token no code runs.",
  },
] as const satisfies readonly Requirement[];
