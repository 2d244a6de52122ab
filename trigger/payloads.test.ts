import { OPERATIONS, type OperationName, type OperationResult } from "sandlot/contract";
import { describe, expect, test } from "vitest";
import { runTask } from "./testing/run-task.ts";

/** A payload that cannot be used, the field that the answer names, and what it says of it. */
type BadPayload = [payload: unknown, field: string | undefined, says: RegExp];

const sandboxId = "box";
const commandId = "cmd_1";

/** Of each operation: what its own fields refuse. What all of them refuse is tried on all. */
const BAD: Record<OperationName, BadPayload[]> = {
  "create-sandbox": [
    [{ sandboxId: "../etc" }, "sandboxId", /letters, digits/],
    [{ ports: [0] }, "ports.0", /1/],
    [{ ports: [80, 80] }, "ports", /each port may be named once/],
    [{ timeoutMs: "5m" }, "timeoutMs", /expected number/],
    [{ vcpus: 3 }, "vcpus", /1 or an even number/],
    [{ source: { type: "git" } }, "source.url", /expected string/],
    [{ source: { type: "zip", url: "http://localhost/" } }, "source.type", /given was "zip"/],
    [{ env: { "A=B": "1" } }, "env.A=B", /neither = nor NUL/],
  ],
  "write-files": [
    [{ sandboxId, files: [] }, "files", /1/],
    [{ sandboxId, files: [{ path: "", content: "" }] }, "files.0.path", /1/],
    [{ sandboxId, files: [{ path: "a" }] }, "files.0.content", /expected string/],
    [{ sandboxId, files: [{ path: "a\0", content: "" }] }, "files.0.path", /no NUL/],
    [{ sandboxId, files: [{ path: "a", content: "", mode: 70_000 }] }, "files.0.mode", /4095/],
    [
      { sandboxId, files: [{ path: "a", content: "x".repeat(3 * 1024 * 1024) }] },
      "files",
      /at most 2097152 characters/,
    ],
  ],
  "read-files": [
    [{ sandboxId, paths: "a" }, "paths", /expected array/],
    [{ sandboxId, paths: ["a"], encoding: "latin1" }, "encoding", /utf8/],
  ],
  "execute-command": [
    [{ sandboxId }, "cmd", /expected string/],
    [{ sandboxId, cmd: "" }, "cmd", /1/],
    [{ sandboxId, cmd: "sh", args: "-c" }, "args", /expected array/],
    [{ sandboxId, cmd: "sh", args: ["\0"] }, "args.0", /no NUL/],
    [{ sandboxId, cmd: "sh", timeoutMs: 0 }, "timeoutMs", />0/],
    [{ sandboxId, cmd: "sh", timeoutMs: 1e12 }, "timeoutMs", /86400000/],
    [{ sandboxId, cmd: "sh", stdin: "x" }, undefined, /stdin/],
  ],
  "get-command-status": [[{ sandboxId, commandId: "" }, "commandId", /1/]],
  "get-command-logs": [
    [{ sandboxId, commandId, from: -1 }, "from", />=0/],
    [{ sandboxId, commandId, limitBytes: 1e9 }, "limitBytes", /1048576/],
  ],
  "wait-for-command": [[{ sandboxId, commandId, timeoutMs: 1e9 }, "timeoutMs", /3600000/]],
  "get-sandbox-url": [[{ sandboxId, port: 70_000 }, "port", /65535/]],
  "get-sandbox-status": [[{ sandboxId: 7 }, "sandboxId", /expected string/]],
  "stop-sandbox": [[{ sandboxId, delete: "yes" }, "delete", /expected boolean/]],
};

const ANY: [payload: unknown, says: RegExp][] = [
  [undefined, /expected object/],
  [null, /expected object/],
  ["box", /expected object/],
  [{ sandboxId: "box", surprise: true }, /surprise/],
];

const all = Object.keys(OPERATIONS) as OperationName[];

describe.each(all)("%s", (name) => {
  // A payload may be long, so that no title names it.
  const own = BAD[name].map(([payload, field, says]) => ({ payload, field, says }));
  test.each(own)("refuses by a sentence about $field that says $says", async (bad) => {
    const error = await refusal(name, bad.payload);
    expect(error.message).toMatch(bad.says);
    expect(error.field).toBe(bad.field);
  });

  test.each(ANY)("refuses %j by a sentence", async (payload, says) => {
    expect((await refusal(name, payload)).message).toMatch(says);
  });
});

test("a secret in a payload that cannot be used is not repeated", async () => {
  const error = await refusal("execute-command", {
    sandboxId,
    cmd: "sh",
    env: { TOKEN: "secret-1\0" },
    args: ["secret-2\0"],
  });
  expect(error.message).not.toMatch(/secret-/);
});

test("who reads the output of a command that cannot be run is told so in the last record", async () => {
  const { result, records } = await runTask("execute-command", { sandboxId });
  expect(records).toEqual([{ type: "failed", error: failureOf(result) }]);
});

async function refusal(name: OperationName, payload: unknown) {
  const error = failureOf((await runTask(name, payload)).result);
  expect(error).toMatchObject({ code: "invalid_request", retryable: false });
  expect(error.message).toMatch(new RegExp(`^The payload for ${name} cannot be used\\. .+\\.$`));
  return error;
}

function failureOf(result: OperationResult<OperationName>) {
  if (result.ok) throw new Error(`it was taken: ${JSON.stringify(result)}`);
  return result.error;
}
