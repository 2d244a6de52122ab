import { Sandbox } from "sandlot";
import { type CommandRecord, OPERATION_DEFAULTS, OPERATION_LIMITS } from "sandlot/contract";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect, type Connection } from "../conformance/harness.ts";
import { isRunning } from "../lib/testing/is-running.ts";
import { runTask } from "./testing/run-task.ts";

const sandboxId = "commands";
let engine: Connection & AsyncDisposable;
let sandbox: Sandbox;
beforeAll(async () => {
  engine = await connect("embedded");
  sandbox = await engine.create({ name: sandboxId });
});
afterAll(() => engine[Symbol.asyncDispose]());

const shell = (script: string) => ({ sandboxId, cmd: "sh", args: ["-c", script] });

/** What the stream's records say that the command wrote. */
function text(records: CommandRecord[]): string {
  return records.map((record) => (record.type === "output" ? record.data : "")).join("");
}

test("streams what a command writes, in order, and its exit code at the end", async () => {
  const script = "echo one; echo two >&2; echo three; exit 3";
  const { result, records } = await runTask("execute-command", shell(script));
  expect(result).toMatchObject({
    ok: true,
    exitCode: 3,
    stdout: { text: "one\nthree\n", omittedBytes: 0 },
    stderr: { text: "two\n", omittedBytes: 0 },
  });
  if (!result.ok) throw new Error("unreachable");
  expect(records[0]).toEqual({ type: "started", sandboxId, commandId: result.commandId });
  expect(records.at(-1)).toEqual({ type: "end", exitCode: 3 });
  const output = records.filter((record) => record.type === "output");
  expect(output).toHaveLength(records.length - 2);
  let offset = 0;
  for (const record of output) {
    expect(record.offset).toBe(offset);
    offset += record.data.length;
  }
  expect(offset).toBe("one\ntwo\nthree\n".length);
});

test("streams 8 MB without a loss, and keeps the end of it in the result", async () => {
  const lines = 700_000;
  const { result, records } = await runTask("execute-command", shell(`seq 1 ${lines}`));
  const expected = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join("");
  const kept = OPERATION_LIMITS.resultOutputBytes;
  expect(text(records) === expected).toBe(true);
  expect(result).toMatchObject({
    stdout: { text: expected.slice(-kept), omittedBytes: expected.length - kept },
  });
});

test("a cancelled run ends the command with all that it started", async () => {
  const cancel = new AbortController();
  let pids: number[] = [];
  const { result, records } = await runTask(
    "execute-command",
    shell("sleep 600 & echo $! $$; wait"),
    {
      signal: cancel.signal,
      onRecord(record) {
        if (record.type !== "output") return;
        pids = record.data.trim().split(" ").map(Number);
        cancel.abort("run cancelled");
      },
    },
  );
  expect(result).toMatchObject({ ok: true, exitCode: 137 });
  expect(records.at(-1)).toEqual({ type: "end", exitCode: 137 });
  expect(pids).toHaveLength(2);
  // With `process`, as here, they are the machine's own numbers.
  expect(pids.map(isRunning)).toEqual([false, false]);
});

test("a run that is cancelled before its command began leaves none behind", async () => {
  const cancelled = AbortSignal.abort("run cancelled");
  const before = (await engine.commandsOf(sandbox)).length;
  await expect(
    runTask("execute-command", shell("sleep 600"), { signal: cancelled }),
  ).rejects.toThrow("run cancelled");
  expect(await engine.commandsOf(sandbox)).toHaveLength(before);
});

test("another attempt goes on with the command of a worker that died", async () => {
  const command = await sandbox.runCommand({
    cmd: "sh",
    args: ["-c", "echo begun; read line; echo over"],
    detached: true,
  });
  const before = (await engine.commandsOf(sandbox)).length;
  const { commandId, result, records } = await attempt(command.cmdId);
  expect(result).toMatchObject({ ok: true, commandId, exitCode: 0 });
  expect(text(records)).toBe("begun\nover\n");
  expect(await engine.commandsOf(sandbox)).toHaveLength(before);

  async function attempt(commandId: string) {
    const metadata = { command: { commandId } };
    return { commandId, ...(await runTask("execute-command", shell("exit 9"), { metadata })) };
  }
});

test("a command of which nobody knows whether it began is not started again", async () => {
  const before = (await engine.commandsOf(sandbox)).length;
  const metadata = { command: { commandId: null } };
  const { result } = await runTask("execute-command", shell("echo twice"), { metadata });
  expect(result).toMatchObject({
    ok: false,
    error: { code: "interrupted", message: expect.stringMatching(/nobody knows whether it began/) },
  });
  expect(await engine.commandsOf(sandbox)).toHaveLength(before);
});

test("a command that could not be started is told, and may be started by another attempt", async () => {
  const missing = { sandboxId, cmd: "no-such-program" };
  const { result, records, metadata } = await runTask("execute-command", missing);
  expect(result).toMatchObject({ ok: false, error: { code: "invalid_request" } });
  expect(records).toEqual([{ type: "failed", error: result.ok ? undefined : result.error }]);
  expect(metadata).toEqual({});
});

test("a command in the background is begun, watched, read page by page and waited for", async () => {
  const { result: begun, records } = await runTask("execute-command", {
    ...shell("echo first; echo second >&2; while [ ! -e go ]; do sleep 0.05; done; echo third"),
    detached: true,
  });
  if (!begun.ok) throw new Error(begun.error.message);
  expect({ begun, records }).toMatchObject({ begun: { exitCode: null }, records: [] });
  const command = { sandboxId, commandId: begun.commandId };

  expect((await runTask("get-command-status", command)).result).toMatchObject({
    running: true,
    exitCode: null,
    cwd: "/vercel/sandbox",
  });
  expect((await runTask("wait-for-command", { ...command, timeoutMs: 50 })).result).toMatchObject({
    ok: true,
    finished: false,
    exitCode: null,
  });
  // Its output may be on the way still.
  const first = await vi.waitUntil(
    async () => {
      const page = await runTask("get-command-logs", { ...command, limitBytes: 8 });
      return page.result.ok && page.result.next === 8 && page;
    },
    { timeout: 10_000 },
  );
  expect(first.result).toMatchObject({ next: 8, complete: false, exitCode: null });
  await runTask("write-files", { sandboxId, files: [{ path: "go", content: "" }] });
  expect((await runTask("wait-for-command", command)).result).toMatchObject({
    finished: true,
    exitCode: 0,
  });
  const rest = await runTask("get-command-logs", { ...command, from: 8 });
  expect(rest.result).toMatchObject({ complete: true, exitCode: 0, next: 19 });
  const logs = [first, rest].flatMap(({ result }) => (result.ok ? result.chunks : []));
  expect(logs.map(({ data }) => data).join("")).toBe("first\nsecond\nthird\n");
});

test("a command that takes longer than it may is ended", async () => {
  const { result } = await runTask("execute-command", { ...shell("sleep 600"), timeoutMs: 50 });
  expect(result).toMatchObject({ ok: true, exitCode: 137 });
});

test("only a command that its run waits for has a limit that nobody asked for", async () => {
  const asked = vi.spyOn(Sandbox.prototype, "runCommand");
  await runTask("execute-command", shell("true"));
  await runTask("execute-command", { ...shell("true"), detached: true });
  const limits = asked.mock.calls.map(([command]) => Reflect.get(Object(command), "timeoutMs"));
  asked.mockRestore();
  expect(limits).toEqual([OPERATION_DEFAULTS.commandMs, undefined]);
});
