import { expect, test } from "vitest";
import { projectWithSandbox, startAsAgent, userMessage } from "../../testing/new-project.ts";
import { calling, says, saying, scriptedAgent, stopped } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import { findCommand, sandboxAsItIs } from "../sandboxes/find-sandbox.ts";

/** An agent that says something, waits for a command, and is never told of its end. */
const waiting = () =>
  scriptedAgent(async function* (run) {
    yield* saying("I install. ");
    yield* calling("c1", "runCommand", { command: "npm install" });
    await stopped(run);
  }, says("I go on."));

test("the command that a killed studio's agent waited for is ended, and its server goes on", async () => {
  await using temporary = await temporaryStudio(waiting());
  const project = await projectWithSandbox(temporary.studio, { autoFix: false });
  const { id, sandboxId } = project;
  const awaited = await startAsAgent(project, "sleep 1000\n# npm", { background: false });
  const done = await startAsAgent(project, "true", { background: false });
  await (await findCommand(project.sandbox, done)).wait();
  const server = await startAsAgent(project, "sleep 2000");
  const users = await temporary.studio.commands.start(sandboxId, { command: "sleep 3000" });
  const chunks = await temporary.studio.turns.start(id, {
    cause: "user",
    message: userMessage("Install"),
  });
  for await (const chunk of chunks) if (chunk.type === "tool-input-available") break;

  const studio = await temporary.reopen({ close: false });
  const sandbox = await sandboxAsItIs(sandboxId);
  const exitCodes = await Promise.all(
    [awaited, server, users.cmdId].map(
      async (cmdId) => (await findCommand(sandbox, cmdId)).exitCode,
    ),
  );
  expect(exitCodes).toEqual([143, null, null]);
  const answer = studio.projects.messages(id)[1];
  const notices = answer?.parts.flatMap((part) => (part.type === "data-notice" ? [part.data] : []));
  expect(notices).toEqual([
    {
      level: "warning",
      code: "interrupted",
      text: "The studio ended in the middle of this answer. What was done until then is there. “sleep 1000 # npm” was still running: it was ended before it was done.",
      nextStep: "Send a message to go on.",
    },
  ]);
});

test("a turn that was cut off in a sandbox that is gone is told, too", async () => {
  await using temporary = await temporaryStudio(waiting());
  const project = await projectWithSandbox(temporary.studio, { autoFix: false });
  await startAsAgent(project, "sleep 1000", { background: false });
  const chunks = await temporary.studio.turns.start(project.id, {
    cause: "user",
    message: userMessage("Install"),
  });
  for await (const chunk of chunks) if (chunk.type === "tool-input-available") break;
  await project.sandbox.delete();
  const studio = await temporary.reopen({ close: false });
  expect(studio.projects.get(project.id).turn).toMatchObject({ ended: "interrupted" });
});
