import { Sandbox } from "sandlot";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { STUDIO_LIMITS } from "../studio/contract/limits.ts";
import { Conversation } from "./testing/run-turns.ts";
import { idOf, type ScriptedStep, scriptedModel } from "./testing/scripted-model.ts";
import { useEngine } from "./testing/temporary-engine.ts";
import { temporaryWorkspace } from "./testing/temporary-workspace.ts";

useEngine({ vi, beforeAll, afterAll });

const create = { calls: [{ tool: "createSandbox", input: {} }] };
const call = (tool: string, input: unknown): ScriptedStep => ({ calls: [{ tool, input }] });

/** One turn in which a model makes these steps after it has made a sandbox. */
async function turn(...steps: Parameters<typeof scriptedModel>[0]) {
  const workspace = temporaryWorkspace();
  const { model, seen } = scriptedModel([create, ...steps]);
  const chat = new Conversation({ model, workspace });
  const result = await chat.send("Go on.");
  return { ...result, ends: result.ends.slice(1), seen: seen().slice(1), workspace };
}

async function fileOf(workspace: { sandboxId(): string | undefined }, path: string) {
  const sandbox = await Sandbox.get({ name: workspace.sandboxId() ?? "" });
  return (await sandbox.readFileToBuffer({ path }))?.toString();
}

describe("what goes wrong reaches the model as a text that helps", () => {
  const edit = { path: "a.txt", search: "two", replace: "2" };
  const written = call("generateFiles", {
    files: [{ path: "a.txt", content: "one\ntwo\nthree two\n" }],
  });
  const cases: [title: string, steps: ScriptedStep[], text: string][] = [
    [
      "a file that is not there",
      [call("readFile", { path: "x.txt" })],
      "There is no file x.txt. Call listFiles",
    ],
    ["a folder that is not there", [call("listFiles", { path: "x" })], "There is no folder x."],
    ["an edit of a file that is not there", [call("editFile", edit)], "There is no file a.txt"],
    [
      "an edit that fits twice",
      [written, call("editFile", edit)],
      "is in a.txt 2 times, at lines 2, 3",
    ],
    [
      "an edit that fits nowhere",
      [written, call("editFile", { ...edit, search: "four" })],
      "is not in a.txt, so nothing was changed. Read the file",
    ],
    [
      "an edit with other white space",
      [written, call("editFile", { ...edit, search: "  one\n  two" })],
      "Its first line is at line 1",
    ],
    [
      "a command id that nobody gave",
      [call("getCommandLogs", { commandId: "cmd_nobody" })],
      "Use the commandId that runCommand returned",
    ],
    [
      "the end of a command that nobody started",
      [call("stop", { commandId: "cmd_nobody" })],
      "There is no command cmd_nobody",
    ],
    [
      "a port that is not exposed",
      [call("getSandboxUrl", { port: 4321 })],
      "Let the app listen on one of these: 3000, 5173, 8000, 8080",
    ],
    [
      "a folder to run in that is not there",
      [call("runCommand", { command: "ls", cwd: "nowhere" })],
      "Make it first, or leave it out",
    ],
    ["an input that fits no schema", [call("getSandboxUrl", { port: "three" })], "port"],
    ["a tool that does not exist", [call("deployToProduction", {})], "deployToProduction"],
  ];
  test.each(cases)("%s", async (_title, steps, text) => {
    const { seen, text: answer } = await turn(...steps);
    expect(seen.at(-1)?.text).toContain(text);
    // It may go on after it.
    expect(answer).toBe("Done.");
  });
});

test("says that there is no sandbox when the model forgot to make one", async () => {
  const workspace = temporaryWorkspace();
  const { model, seen } = scriptedModel([call("readFile", { path: "a" })]);
  await new Conversation({ model, workspace }).send("Go on.");
  expect(seen()[0]?.text).toContain("There is no sandbox yet. Call createSandbox first");
});

test("makes a new sandbox where the project's is gone", async () => {
  const { workspace } = await turn();
  const name = workspace.sandboxId() ?? "";
  await (await Sandbox.get({ name })).delete();

  const { model, seen } = scriptedModel([call("listFiles", {}), create, call("listFiles", {})]);
  const { ends } = await new Conversation({ model, workspace }).send("Again.");
  expect(seen()[0]?.text).toContain("The sandbox is gone with its files. Call createSandbox");
  expect(ends[1]).toMatchObject({ output: { existed: false, sandboxId: name } });
  expect(ends[2]).toMatchObject({ output: { entries: [], truncated: false } });
  expect(workspace.created).toEqual([name, name]);
});

test("writes, reads, edits and lists the project's files, and tells of each change", async () => {
  const { ends, workspace } = await turn(
    call("generateFiles", {
      files: [
        { path: "src/a.js", content: "let a = 1;\nlet b = 2;\n" },
        { path: "/vercel/sandbox/empty.txt", content: "" },
      ],
    }),
    call("generateFiles", { files: [{ path: "empty.txt", content: "no longer" }] }),
    call("editFile", { path: "src/a.js", search: "let", replace: "const", replaceAll: true }),
    call("readFile", { path: "./src/a.js", fromLine: 2 }),
    call("runCommand", { command: "mkdir -p node_modules/x && echo hi > node_modules/x/y" }),
    call("listFiles", {}),
  );
  expect(ends.map(({ error }) => error)).toEqual(Array(6).fill(undefined));
  expect(ends[0]?.output).toEqual({
    files: [
      { path: "src/a.js", lines: 2, sizeBytes: 22, created: true },
      { path: "empty.txt", lines: 0, sizeBytes: 0, created: true },
    ],
  });
  expect(ends[1]?.output).toEqual({
    files: [{ path: "empty.txt", lines: 1, sizeBytes: 9, created: false }],
  });
  expect(ends[2]?.output).toEqual({
    path: "src/a.js",
    replacements: 2,
    linesAdded: 2,
    linesRemoved: 2,
  });
  expect(ends[3]?.output).toEqual({
    path: "src/a.js",
    content: "const b = 2;\n",
    fromLine: 2,
    lines: 2,
  });
  expect(ends[5]?.output).toEqual({
    path: ".",
    entries: [
      { path: "empty.txt", type: "file", sizeBytes: 9 },
      { path: "node_modules", type: "directory" },
      { path: "src", type: "directory" },
      { path: "src/a.js", type: "file", sizeBytes: 26 },
    ],
    truncated: false,
  });
  expect(workspace.changed).toEqual([
    "src/a.js",
    "/vercel/sandbox/empty.txt",
    "empty.txt",
    "src/a.js",
  ]);
});

test("calls of one step run in the order in which the model gave them", async () => {
  const { ends } = await turn({
    calls: [
      { tool: "generateFiles", input: { files: [{ path: "x.sh", content: "echo from x" }] } },
      { tool: "runCommand", input: { command: "sh x.sh" } },
    ],
  });
  expect(ends[1]?.output).toMatchObject({ exitCode: 0, stdout: "from x\n", state: "exited" });
});

test("a failing command is a result with its exit code and both streams", async () => {
  const { ends, workspace } = await turn(
    call("runCommand", { command: "echo out; echo err >&2; exit 3" }),
  );
  expect(ends[0]?.output).toMatchObject({
    state: "exited",
    exitCode: 3,
    stdout: "out\n",
    stderr: "err\n",
    omittedCharacters: 0,
  });
  const commandId = workspace.started[0]?.commandId;
  expect(workspace.started).toMatchObject([
    { commandId, background: false, cwd: "/vercel/sandbox" },
  ]);
  expect(workspace.ended).toEqual([{ commandId, exitCode: 3 }]);
});

test("of a huge output the model gets both ends, and the logs keep all of it", async () => {
  const { ends, seen, workspace } = await turn(
    call("runCommand", { command: "echo first; seq 1 400000; echo last" }),
  );
  const output = ends[0]?.output as {
    stdout: string;
    omittedCharacters: number;
    commandId: string;
  };
  expect(output.stdout.startsWith("first\n1\n2\n")).toBe(true);
  expect(output.stdout.endsWith("400000\nlast\n")).toBe(true);
  expect(output.stdout).toContain(`[… ${output.omittedCharacters} characters left out …]`);
  expect(seen[0]?.text.length).toBeLessThan(STUDIO_LIMITS.modelTextLength * 1.5);
  const sandbox = await Sandbox.get({ name: workspace.sandboxId() ?? "" });
  const whole = await (await sandbox.getCommand(output.commandId)).stdout();
  expect(whole.length).toBeGreaterThan(2_500_000);
});

test("of a huge file the model gets whole lines, and can read on", async () => {
  const content = Array.from({ length: 5_000 }, (_, index) => `line ${index + 1}`).join("\n");
  const { ends } = await turn(
    call("generateFiles", { files: [{ path: "big.txt", content }] }),
    call("readFile", { path: "big.txt" }),
    call("readFile", { path: "big.txt", fromLine: 4_999 }),
  );
  const first = ends[1]?.output as { content: string; lines: number };
  expect(first.content.length).toBeLessThanOrEqual(STUDIO_LIMITS.modelTextLength);
  expect(first.content).toMatch(/line \d+\n$/);
  expect(first.lines).toBe(5_000);
  expect(ends[2]?.output).toMatchObject({ content: "line 4999\nline 5000" });
});

test("refuses to read what is no text, or too much of it", async () => {
  const { seen } = await turn(
    call("runCommand", {
      command: "head -c 64 /dev/zero > zero; head -c 5000000 /dev/zero | tr '\\0' a > as",
    }),
    call("readFile", { path: "zero" }),
    call("readFile", { path: "as" }),
  );
  expect(seen[1]?.text).toContain("zero is a binary file of 64 bytes");
  expect(seen[2]?.text).toContain("as has more than 4194304 bytes");
});

test("a command that takes too long is ended, and the model learns so", async () => {
  const { ends } = await turn(
    call("runCommand", { command: "echo begun; sleep 60", timeoutSeconds: 1 }),
  );
  expect(ends[0]?.output).toMatchObject({ state: "timed-out", exitCode: 137, stdout: "begun\n" });
});

test("a server in the background: started, read, reached, stopped", async () => {
  const server =
    "const s=require('http').createServer((q,r)=>r.end('hi'));s.listen(process.env.PORT||3000,()=>console.log('ready'))";
  const { ends } = await turn(
    call("runCommand", { command: `node -e "${server}"`, background: true }),
    call("getSandboxUrl", { port: 3000 }),
    (seen) => call("getCommandLogs", { commandId: idOf(seen, 1) }),
    (seen) => call("stop", { commandId: idOf(seen, 1) }),
    (seen) => call("getCommandLogs", { commandId: idOf(seen, 1), lastLines: 1 }),
    call("getSandboxUrl", { port: 5173 }),
  );
  expect(ends.map(({ error }) => error)).toEqual(Array(6).fill(undefined));
  expect(ends[0]?.output).toMatchObject({ state: "running", exitCode: null });
  expect(ends[1]?.output).toMatchObject({ port: 3000, listening: true });
  expect(ends[2]?.output).toMatchObject({ state: "running", stdout: "ready\n" });
  expect(ends[3]?.output).toMatchObject({ stopped: "command" });
  expect(ends[4]?.output).toMatchObject({ state: "exited", stdout: "ready\n" });
  expect(ends[5]?.output).toMatchObject({ port: 5173, listening: false });
});

test("the logs of a command that runs are read at once, or when it has ended, as long as the model waits", async () => {
  const { ends } = await turn(
    call("runCommand", {
      command: "echo one; until [ -e go ]; do sleep 0.02; done; echo two",
      background: true,
    }),
    (seen) => call("getCommandLogs", { commandId: idOf(seen, 1) }),
    (seen) => call("getCommandLogs", { commandId: idOf(seen, 1), waitSeconds: 1 }),
    call("runCommand", { command: "(sleep 0.5; touch go) > later 2>&1 &" }),
    (seen) => call("getCommandLogs", { commandId: idOf(seen, 1), waitSeconds: 300 }),
  );
  const running = { state: "running", exitCode: null, stdout: "one\n" };
  expect(ends[1]?.output).toMatchObject(running);
  expect(ends[2]?.output).toMatchObject(running);
  expect(ends[4]?.output).toMatchObject({ state: "exited", exitCode: 0, stdout: "one\ntwo\n" });
});

test("a background command that ends at once is not said to run", async () => {
  const { ends } = await turn(
    call("runCommand", { command: "echo no such thing >&2; exit 7", background: true }),
  );
  expect(ends[0]?.output).toMatchObject({
    state: "exited",
    exitCode: 7,
    stderr: "no such thing\n",
  });
});

test("an abort ends the command that a tool waits for, with all that it started", async () => {
  const workspace = temporaryWorkspace();
  const { model } = scriptedModel([
    create,
    call("runCommand", {
      command: "(while :; do date > alive; sleep 0.05; done) & wait",
    }),
  ]);
  const abort = new AbortController();
  const { commandStarted } = workspace;
  const begun = Promise.withResolvers<void>();
  workspace.commandStarted = (command) => {
    commandStarted(command);
    begun.resolve();
  };
  const running = new Conversation({ model, workspace }).send("Go.", { abortSignal: abort.signal });
  const ended = new Promise<number | null>((resolve) => {
    workspace.commandEnded = ({ exitCode }) => resolve(exitCode);
  });
  await begun.promise;
  const sandbox = await Sandbox.get({ name: workspace.sandboxId() ?? "" });
  await sandbox.runCommand("sh", ["-c", "until [ -e alive ]; do sleep 0.02; done"]);
  abort.abort();
  await running;
  expect(await ended).toBeGreaterThan(128);

  const [started] = workspace.started;
  expect((await sandbox.getCommand(started?.commandId ?? "")).exitCode).not.toBeNull();
  // All get the signal at once; that the last of them is gone is no event.
  const left = async () => {
    const found = await sandbox.runCommand("sh", ["-c", "pgrep -f 'date > aliv[e]' || true"]);
    return found.stdout();
  };
  await expect.poll(left).toBe("");
});

test("stopping the sandbox keeps its files, and the next tool starts it again", async () => {
  const { ends, workspace } = await turn(
    call("generateFiles", { files: [{ path: "kept.txt", content: "kept" }] }),
    call("stop", {}),
    call("readFile", { path: "kept.txt" }),
  );
  expect(ends[1]?.output).toEqual({ stopped: "sandbox" });
  expect(ends[2]?.output).toMatchObject({ content: "kept" });
  expect(await fileOf(workspace, "kept.txt")).toBe("kept");
});

test("ends when the steps are used up", async () => {
  const workspace = temporaryWorkspace();
  const { model } = scriptedModel(Array(10).fill(create));
  const { steps } = await new Conversation({ model, workspace, maxSteps: 3 }).send("Circle.");
  expect(steps).toBe(3);
});

describe("where commands must be allowed", () => {
  const script = () => scriptedModel([create, call("runCommand", { command: "touch ran" })]);

  test("nothing runs before the user's yes, and then it does", async () => {
    const workspace = temporaryWorkspace();
    const chat = new Conversation({ model: script().model, workspace, approval: "ask" });
    const asked = await chat.send("Go.");
    expect(asked.ends.map(({ tool }) => tool)).toEqual(["createSandbox"]);
    expect(workspace.started).toEqual([]);
    answerApprovals(chat, true);
    const { ends } = await chat.go();
    expect(ends).toMatchObject([{ tool: "runCommand", output: { exitCode: 0 } }]);
  });

  test("a no reaches the model, and nothing runs", async () => {
    const workspace = temporaryWorkspace();
    const { model, seen } = script();
    const chat = new Conversation({ model, workspace, approval: "ask" });
    await chat.send("Go.");
    answerApprovals(chat, false);
    expect((await chat.go()).text).toBe("Done.");
    expect(seen().at(-1)?.text).toContain("too dangerous");
    expect(workspace.started).toEqual([]);
  });
});

function answerApprovals(chat: Conversation, approved: boolean): void {
  const requests = chat.messages.flatMap(({ role, content }) =>
    role === "assistant" && typeof content !== "string"
      ? content.filter((part) => part.type === "tool-approval-request")
      : [],
  );
  expect(requests).toHaveLength(1);
  chat.messages.push({
    role: "tool",
    content: requests.map(({ approvalId }) => ({
      type: "tool-approval-response" as const,
      approvalId,
      approved,
      ...(!approved && { reason: "too dangerous" }),
    })),
  });
}
