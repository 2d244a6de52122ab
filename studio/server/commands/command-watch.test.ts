import { Sandbox } from "sandlot";
import { expect, test } from "vitest";
import type { CommandSummary, LogLine } from "../../contract/command.ts";
import type { ProjectEvent } from "../../contract/events.ts";
import { scriptedAgent } from "../../testing/scripted-agent.ts";
import { type TemporaryStudio, temporaryStudio } from "../../testing/temporary-studio.ts";
import { findCommand, sandboxAsItIs } from "../sandboxes/find-sandbox.ts";
import { commandLogs } from "./command-logs.ts";
import { listCommands } from "./list-commands.ts";

async function withSandbox({ studio }: TemporaryStudio) {
  const { id } = studio.projects.create({
    name: "Test",
    type: "other",
    approval: "auto",
    autoFix: false,
  });
  const workspace = studio.workspaces.of(id);
  const sandbox = await Sandbox.create({ ...workspace.newSandbox });
  workspace.sandboxCreated(sandbox.name);
  return { id, sandboxId: sandbox.name, sandbox, workspace };
}

/** The next command of the project that has ended. */
function nextEnd({ studio }: TemporaryStudio, projectId: string): Promise<CommandSummary> {
  const { promise, resolve } = Promise.withResolvers<CommandSummary>();
  const subscription = studio.events.subscribe(projectId, (event: ProjectEvent) => {
    if (event.type !== "command" || event.command.durationMs === undefined) return;
    resolve(event.command);
    subscription[Symbol.dispose]();
  });
  return promise;
}

test("tells how the user's command ended, and replays all that it wrote", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { commands, records } = temporary.studio;
  const { id, sandboxId } = await withSandbox(temporary);
  const ended = nextEnd(temporary, id);
  const started = await commands.start(sandboxId, { command: "echo out; echo err >&2; exit 7" });
  expect(started).toMatchObject({ exitCode: null, source: "user", cwd: "/vercel/sandbox" });
  expect(await ended).toMatchObject({ cmdId: started.cmdId, exitCode: 7 });

  const sandbox = await sandboxAsItIs(sandboxId);
  const command = await findCommand(sandbox, started.cmdId);
  const lines: LogLine[] = await Array.fromAsync(
    commandLogs(command, new AbortController().signal),
  );
  expect(lines.filter(({ stream }) => stream === "stdout").map(({ data }) => data)).toEqual([
    "out\n",
  ]);
  expect(lines.filter(({ stream }) => stream === "stderr").map(({ data }) => data)).toEqual([
    "err\n",
  ]);
  expect(lines.at(-1)).toMatchObject({ stream: "exit", exitCode: 7 });
  expect(await listCommands(sandbox, records)).toEqual([
    expect.objectContaining({ command: "echo out; echo err >&2; exit 7", exitCode: 7 }),
  ]);
  expect(await commands.get(sandboxId, started.cmdId)).toMatchObject({ exitCode: 7 });
});

test("kills with what it started, and names what is not there", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { commands } = temporary.studio;
  const { id, sandboxId } = await withSandbox(temporary);
  const { cmdId } = await commands.start(sandboxId, { command: "sleep 1000 & wait" });
  const ended = nextEnd(temporary, id);
  await commands.kill(sandboxId, cmdId, "SIGTERM");
  expect(await ended).toMatchObject({ cmdId, exitCode: 143 });
  await expect(commands.kill(sandboxId, "cmd_none", "SIGTERM")).rejects.toMatchObject({
    code: "command_not_found",
  });
  await expect(commands.start("none", { command: "true" })).rejects.toMatchObject({
    code: "sandbox_not_found",
  });
});

test("after a stop and a resume the agent's server runs again, and what the user started does not", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { commands, sandboxes, records } = temporary.studio;
  const { id, sandboxId, sandbox, workspace } = await withSandbox(temporary);
  const server = await sandbox.runCommand({ cmd: "sleep", args: ["1000"], detached: true });
  workspace.commandStarted({
    sandboxId,
    commandId: server.cmdId,
    command: "sleep 1000",
    cwd: "/vercel/sandbox",
    background: true,
  });
  await commands.start(sandboxId, { command: "sleep 2000" });
  const ended = nextEnd(temporary, id);
  await sandboxes.act(sandboxId, { action: "stop" });
  await ended;
  const answer = await sandboxes.act(sandboxId, { action: "resume" });
  expect(answer.sandbox).toMatchObject({ status: "running", project: { id } });
  const running = (await listCommands(await sandboxAsItIs(sandboxId), records)).filter(
    ({ exitCode }) => exitCode === null,
  );
  expect(running).toEqual([
    expect.objectContaining({ command: "sleep 1000", background: true, source: "agent" }),
  ]);
  // Once more: the line was started twice by now, and runs once.
  await sandboxes.act(sandboxId, { action: "stop" });
  await sandboxes.act(sandboxId, { action: "resume" });
  const again = await listCommands(await sandboxAsItIs(sandboxId), records);
  expect(again.filter(({ exitCode }) => exitCode === null)).toHaveLength(1);
});

test("a command that was started before a restart of the studio is followed after it", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { id, sandboxId } = await withSandbox(temporary);
  const { cmdId } = await temporary.studio.commands.start(sandboxId, {
    command: "until [ -e go ]; do sleep 0.02; done; exit 5",
  });
  await temporary.reopen();
  const ended = nextEnd(temporary, id);
  await (await sandboxAsItIs(sandboxId)).writeFiles([{ path: "go", content: "" }]);
  expect(await ended).toMatchObject({ cmdId, exitCode: 5, source: "user" });
});
