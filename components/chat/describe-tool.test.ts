import { expect, test } from "vitest";
import { describeTool } from "./describe-tool.ts";
import type { ToolPart } from "./tool-part.ts";

const output = {
  sandboxId: "s",
  commandId: "c",
  state: "exited",
  exitCode: 0,
  stdout: "",
  stderr: "",
  omittedCharacters: 0,
} as const;

const run = (rest: object) =>
  ({
    type: "tool-runCommand",
    toolCallId: "t",
    input: { command: "npm test" },
    state: "output-available",
    output,
    ...rest,
  }) as ToolPart;

test("a command that ran well is told in the past", () => {
  expect(describeTool(run({}), false)).toEqual({ state: "done", verb: "Ran", object: "npm test" });
});

test("a command that ended badly has failed, with its code", () => {
  expect(describeTool(run({ output: { ...output, exitCode: 3 } }), false)).toEqual({
    state: "failed",
    verb: "Ran",
    object: "npm test",
    note: "exit 3",
  });
});

test("a call without a result runs while its message grows, and was interrupted afterwards", () => {
  const part = run({ state: "input-available", output: undefined });
  expect(describeTool(part, true).state).toBe("running");
  expect(describeTool(part, false).state).toBe("interrupted");
});

test("a command that waits for the user has not begun", () => {
  const part = run({ state: "approval-requested", approval: { id: "a" }, output: undefined });
  expect(describeTool(part, false)).toEqual({
    state: "waiting",
    verb: "Wants to run",
    object: "npm test",
  });
});

test("a call that the user refused says so, whether or not the server has answered", () => {
  const refused = {
    state: "denied",
    verb: "Wanted to run",
    object: "npm test",
    note: "not allowed",
  };
  const responded = { state: "approval-responded", approval: { id: "a", approved: false } };
  expect(describeTool(run(responded), true)).toEqual(refused);
  const denied = { state: "output-denied", approval: { id: "a", approved: false } };
  expect(describeTool(run(denied), false)).toEqual(refused);
});

test("input that is still arriving lacks what it lacks", () => {
  const part = {
    type: "tool-generateFiles",
    toolCallId: "t",
    state: "input-streaming",
    input: undefined,
  } as ToolPart;
  expect(describeTool(part, true)).toEqual({ state: "running", verb: "Writing files" });
});

test("a tool that threw has failed, in the words of what it was about to do", () => {
  const part = {
    type: "tool-editFile",
    toolCallId: "t",
    state: "output-error",
    input: { path: "a.js", search: "x", replace: "y" },
    errorText: "There is no such text.",
  } as ToolPart;
  expect(describeTool(part, false)).toEqual({ state: "failed", verb: "Editing", object: "a.js" });
});
