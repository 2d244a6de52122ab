import { expect, test } from "vitest";
import type { RuntimeProblem } from "../../contract/runtime-error.ts";
import {
  newProject,
  projectWithSandbox,
  startAsAgent,
  userMessage,
} from "../../testing/new-project.ts";
import { nextEvent } from "../../testing/next-event.ts";
import { says, scriptedAgent, stopped } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import type { Studio } from "../studio.ts";

const problem = (message: string): RuntimeProblem => ({ source: "browser", message });

async function say(studio: Studio, projectId: string, text: string, id: string): Promise<void> {
  const chunks = await studio.ask(projectId, { cause: "user", message: userMessage(text, id) });
  await Array.fromAsync(chunks);
}

const idle = (studio: Studio, projectId: string) =>
  nextEvent(studio, projectId, "project", ({ project }) => project.turn.status === "idle");

test("asks the model to fix an error, once for each, within its budget, until the user writes again", async () => {
  const agent = scriptedAgent(
    says("Built"),
    says("Fixed 1"),
    says("Fixed 2"),
    says("Yes"),
    says("Fixed 3"),
  );
  await using temporary = await temporaryStudio(agent);
  const { studio } = temporary;
  const { id } = newProject(studio);
  expect(await studio.autoFix.report(id, [problem("a is not defined")])).toMatchObject({
    decision: "ignore",
    reason: "no-request",
  });
  await say(studio, id, "Build", "m1");

  const first = idle(studio, id);
  const decision = await studio.autoFix.report(id, [
    problem("x at line 3"),
    problem("x at line 4"),
  ]);
  expect(decision).toEqual({
    decision: "fix",
    message: "The agent was asked to fix an error.",
    remaining: 1,
  });
  await first;
  const message = studio.projects.messages(id)[2];
  expect(message).toMatchObject({
    role: "user",
    metadata: { cause: "auto-fix" },
    parts: [{ type: "data-problems", data: { problems: [{ message: "x at line 4" }] } }],
  });
  expect(studio.projects.get(id).turn).toMatchObject({ cause: "auto-fix", ended: "finished" });

  expect(await studio.autoFix.report(id, [problem("x at line 9")])).toMatchObject({
    reason: "known",
  });
  const second = idle(studio, id);
  expect(await studio.autoFix.report(id, [problem("y is null")])).toMatchObject({ remaining: 0 });
  await second;
  expect(await studio.autoFix.report(id, [problem("z")])).toMatchObject({ reason: "budget" });

  await say(studio, id, "Go on", "m2");
  const third = idle(studio, id);
  expect(await studio.autoFix.report(id, [problem("z")])).toMatchObject({ decision: "fix" });
  await third;
  expect(agent.runs).toHaveLength(5);
});

test("does nothing where it is switched off, while the agent works, or after the user stopped it", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(says("Built"), async function* (run) {
      await stopped(run);
      yield { type: "abort" };
    }),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  await say(studio, id, "Build", "m1");
  studio.updateProject(id, { autoFix: false });
  expect(await studio.autoFix.report(id, [problem("a")])).toMatchObject({ reason: "off" });
  studio.updateProject(id, { autoFix: true });
  await studio.ask(id, { cause: "user", message: userMessage("Wait", "m2") });
  expect(await studio.autoFix.report(id, [problem("a")])).toMatchObject({ reason: "busy" });
  await studio.turns.stop(id);
  expect(await studio.autoFix.report(id, [problem("b")])).toMatchObject({ reason: "budget" });
});

test("does not ask a model that cannot repair anything, and says how to go on", async () => {
  const agent = scriptedAgent(says("Built"), says("Fixed"));
  const asked: (string | undefined)[] = [];
  await using temporary = await temporaryStudio(agent, {
    async canRepair(modelId) {
      asked.push(modelId);
      return modelId !== undefined;
    },
  });
  const { studio } = temporary;
  const { id } = newProject(studio);
  await say(studio, id, "Build", "m1");
  expect(await studio.autoFix.report(id, [problem("a")])).toEqual({
    decision: "ignore",
    reason: "no-model",
    message: expect.stringContaining("Connect a model"),
    remaining: 2,
  });
  expect(agent.runs).toHaveLength(1);
  // The same error is no known one to the model that is chosen then.
  studio.updateProject(id, { modelId: "test/model" });
  const fixed = idle(studio, id);
  expect(await studio.autoFix.report(id, [problem("a")])).toMatchObject({ decision: "fix" });
  await fixed;
  expect(asked).toEqual([undefined, "test/model"]);
});

test("a server that crashes, or writes an error, is reported; one that was killed is not", async () => {
  const agent = scriptedAgent(says("Built"), says("Fixed"), says("Fixed again"));
  await using temporary = await temporaryStudio(agent);
  const { studio } = temporary;
  const project = await projectWithSandbox(studio);
  const { id, sandboxId } = project;
  await say(studio, id, "Build", "m1");

  const killed = nextEvent(studio, id, "command", ({ command }) => command.exitCode === 143);
  const cmdId = await startAsAgent(project, "sleep 1000");
  await studio.commands.kill(sandboxId, cmdId, "SIGTERM");
  await killed;

  const crash = nextEvent(studio, id, "auto-fix");
  const fixed = idle(studio, id);
  await startAsAgent(project, "echo starting; echo 'TypeError: no port' >&2; exit 3");
  expect((await crash).decision).toMatchObject({ decision: "fix" });
  await fixed;
  const { parts } = studio.projects.messages(id)[2]!;
  expect(parts).toMatchObject([
    { data: { problems: [{ source: "command", message: "TypeError: no port" }] } },
  ]);

  const written = nextEvent(studio, id, "auto-fix");
  await startAsAgent(
    project,
    "echo 'warning: old' >&2; echo 'Error: cannot read b' >&2; sleep 1000",
  );
  expect((await written).decision).toMatchObject({ decision: "fix" });
  expect(agent.runs).toHaveLength(3);
});
