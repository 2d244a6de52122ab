import { expect, test } from "vitest";
import type { CommandSummary, LogLine } from "../../contract/command.ts";
import { projectWithSandbox, startAsAgent } from "../../testing/new-project.ts";
import { nextEvent } from "../../testing/next-event.ts";
import { scriptedAgent } from "../../testing/scripted-agent.ts";
import { type TemporaryStudio, temporaryStudio } from "../../testing/temporary-studio.ts";
import { findCommand, findEarlierCommand, sandboxAsItIs } from "../sandboxes/find-sandbox.ts";
import { commandLogs } from "./command-logs.ts";
import { listCommands } from "./list-commands.ts";

/** The next command of the project that has ended. */
async function nextEnd({ studio }: TemporaryStudio, projectId: string): Promise<CommandSummary> {
  const hasEnded = ({ command }: { command: CommandSummary }) => command.durationMs !== undefined;
  return (await nextEvent(studio, projectId, "command", hasEnded)).command;
}

test("tells how the user's command ended, and replays all that it wrote", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { commands, records } = temporary.studio;
  const { id, sandboxId } = await projectWithSandbox(temporary.studio, { autoFix: false });
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
  const { id, sandboxId } = await projectWithSandbox(temporary.studio, { autoFix: false });
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
  const project = await projectWithSandbox(temporary.studio, { autoFix: false });
  const { id, sandboxId } = project;
  await startAsAgent(project, "sleep 1000");
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

test("commands of the time before a stop are listed, and what they wrote can be read", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { commands, sandboxes, records } = temporary.studio;
  const project = await projectWithSandbox(temporary.studio, { autoFix: false });
  const { id, sandboxId, sandbox } = project;
  await sandbox.runCommand("echo", ["of another program"]);
  const ended = nextEnd(temporary, id);
  const first = await commands.start(sandboxId, { command: "echo before; exit 4" });
  await ended;
  await sandboxes.act(sandboxId, { action: "stop" });
  await sandboxes.act(sandboxId, { action: "resume" });
  const last = await commands.start(sandboxId, { command: "sleep 1000" });
  const resumed = await sandboxAsItIs(sandboxId);
  const listed = await listCommands(resumed, records);
  expect(listed.map(({ command, exitCode, source }) => [command, exitCode, source])).toEqual([
    ["sleep 1000", null, "user"],
    ["echo before; exit 4", 4, "user"],
    ["echo of another program", 0, "other"],
  ]);
  expect(await commands.get(sandboxId, first.cmdId)).toMatchObject({ exitCode: 4 });
  const old = await findEarlierCommand(resumed, first.cmdId);
  const lines = await Array.fromAsync(commandLogs(old, new AbortController().signal));
  expect(lines.map(({ stream, data }) => [stream, data])).toEqual([
    ["stdout", "before\n"],
    ["exit", ""],
  ]);
  await expect(findEarlierCommand(resumed, "cmd_none")).rejects.toMatchObject({
    code: "command_not_found",
  });
  await commands.kill(sandboxId, last.cmdId, "SIGKILL");
});

test("a command that was started before a restart of the studio is followed after it", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { id, sandboxId } = await projectWithSandbox(temporary.studio, { autoFix: false });
  const { cmdId } = await temporary.studio.commands.start(sandboxId, {
    command: "until [ -e go ]; do sleep 0.02; done; exit 5",
  });
  await temporary.reopen();
  const ended = nextEnd(temporary, id);
  await (await sandboxAsItIs(sandboxId)).writeFiles([{ path: "go", content: "" }]);
  expect(await ended).toMatchObject({ cmdId, exitCode: 5, source: "user" });
});
