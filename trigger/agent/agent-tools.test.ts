import { runs, tasks } from "@trigger.dev/sdk";
import { expect, test, vi } from "vitest";
import { connect } from "../../conformance/harness.ts";
import { BENCH_START_MS } from "../../trigger-local/testing/platform-bench.ts";
import { benchOfFile } from "../testing/bench-of-file.ts";
import { Conversation } from "../../ai/testing/run-turns.ts";
import { idOf, type ScriptedStep, scriptedModel } from "../../ai/testing/scripted-model.ts";
import { temporaryWorkspace } from "../../ai/testing/temporary-workspace.ts";
import { taskSandboxes } from "../../ai/tools/tasks/task-sandboxes.ts";

benchOfFile({ place: () => connect("daemon") });

const call = (tool: string, input: unknown): ScriptedStep => ({ calls: [{ tool, input }] });

function chatWith(steps: Parameters<typeof scriptedModel>[0]) {
  const workspace = temporaryWorkspace();
  const { model, seen } = scriptedModel(steps);
  return {
    chat: new Conversation({ model, workspace, sandboxes: taskSandboxes(workspace) }),
    workspace,
    seen,
  };
}

test(
  "every tool does its work by runs of tasks, which are told with the call that they are for",
  { timeout: BENCH_START_MS },
  async () => {
    const { chat, workspace } = chatWith([
      call("createSandbox", {}),
      call("generateFiles", { files: [{ path: "a.txt", content: "one\ntwö\n" }] }),
      call("generateFiles", { files: [{ path: "a.txt", content: "one\ntwö\n" }] }),
      call("editFile", { path: "a.txt", search: "one", replace: "1" }),
      call("readFile", { path: "a.txt" }),
      call("listFiles", {}),
      call("runCommand", { command: "cat a.txt; echo err >&2; exit 3" }),
      call("runCommand", {
        command: "echo begun; until [ -e go ]; do sleep 0.05; done; echo done",
        background: true,
      }),
      (seen) => call("getCommandLogs", { commandId: idOf(seen, 7) }),
      call("runCommand", { command: "touch go" }),
      (seen) => call("getCommandLogs", { commandId: idOf(seen, 7), waitSeconds: 60 }),
      call("runCommand", { command: "sleep 1000", background: true }),
      (seen) => call("stop", { commandId: idOf(seen, 11) }),
      call("getSandboxUrl", { port: 3000 }),
      call("readFile", { path: "none.txt" }),
      call("getCommandLogs", { commandId: "cmd_none" }),
      call("stop", {}),
    ]);
    const { ends } = await chat.send("Go on.");
    const outputs = ends.map(({ output, error }) => error ?? output);
    expect(outputs).toMatchObject([
      { existed: false, ports: [{ port: 3000 }, {}, {}, {}] },
      { files: [{ path: "a.txt", lines: 2, created: true }] },
      { files: [{ path: "a.txt", lines: 2, created: false }] },
      { replacements: 1, linesAdded: 1 },
      { content: "1\ntwö\n", lines: 2 },
      { entries: [{ path: "a.txt", type: "file", sizeBytes: 7 }] },
      { state: "exited", exitCode: 3, stdout: "1\ntwö\n", stderr: "err\n" },
      { state: "running", exitCode: null },
      { state: "running", stdout: "begun\n" },
      { state: "exited", exitCode: 0 },
      { state: "exited", exitCode: 0, stdout: "begun\ndone\n" },
      { state: "running" },
      { stopped: "command" },
      { port: 3000, url: expect.stringMatching(/^http:/), listening: false },
      expect.stringContaining("There is no file none.txt"),
      expect.stringContaining("Use the commandId that runCommand returned"),
      { stopped: "sandbox" },
    ]);
    const idsOf = await Promise.all(
      ends.map(async ({ toolCallId }) => {
        const own = workspace.runs.filter((run) => run.toolCallId === toolCallId);
        const retrieved = await Promise.all(own.map(({ runId }) => runs.retrieve(runId)));
        return retrieved.map(({ taskIdentifier }) => taskIdentifier);
      }),
    );
    expect(idsOf.slice(0, 7)).toEqual([
      ["create-sandbox"],
      ["execute-command", "write-files"],
      ["execute-command", "write-files"],
      ["read-files", "write-files"],
      ["read-files"],
      ["execute-command"],
      ["execute-command"],
    ]);
    expect(idsOf.every((ids) => ids.length > 0)).toBe(true);
  },
);

test("says what to look at where Trigger.dev cannot be reached", async () => {
  const { chat } = chatWith([call("createSandbox", {})]);
  using _gone = vi.spyOn(tasks, "trigger").mockRejectedValueOnce(new Error("Connection error."));
  const { ends } = await chat.send("Go on.");
  expect(ends[0]?.error).toBe(
    "Trigger.dev did not run the task create-sandbox: Connection error. See that TRIGGER_API_URL and TRIGGER_SECRET_KEY are right and that a worker runs (npm run trigger:local), or start the studio without SANDLOT_TASKS.",
  );
});

test(
  "an abort cancels the run of the command that a tool waits for",
  { timeout: BENCH_START_MS },
  async () => {
    const { chat, workspace } = chatWith([
      call("createSandbox", {}),
      call("runCommand", { command: "sleep 1000" }),
    ]);
    const abort = new AbortController();
    const started = vi.spyOn(workspace, "commandStarted").mockImplementation(() => abort.abort());
    const ended = vi.spyOn(workspace, "commandEnded");
    await chat.send("Go on.", { abortSignal: abort.signal });
    expect(started).toHaveBeenCalledOnce();
    await expect.poll(() => ended.mock.calls, { timeout: 60_000 }).toHaveLength(1);
    const { runId } = workspace.runs.at(-1)!;
    expect(await runs.retrieve(runId)).toMatchObject({ status: "CANCELED" });
  },
);
