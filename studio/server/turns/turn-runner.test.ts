import { expect, test } from "vitest";
import type { StudioChunk, StudioMessage } from "../../contract/message.ts";
import { newProject, userMessage } from "../../testing/new-project.ts";
import { calling, says, saying, scriptedAgent, stopped } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import type { Studio } from "../studio.ts";

async function all(chunks: AsyncIterable<StudioChunk>): Promise<StudioChunk[]> {
  return Array.fromAsync(chunks);
}

const ask = (studio: Studio, projectId: string, message: StudioMessage) =>
  studio.turns.start(projectId, { cause: "user", message });

const texts = (message: StudioMessage | undefined): string[] =>
  (message?.parts ?? []).flatMap((part) => (part.type === "text" ? [part.text] : []));

const notices = (message: StudioMessage | undefined): string[] =>
  (message?.parts ?? []).flatMap((part) => (part.type === "data-notice" ? [part.data.code] : []));

test("keeps what was asked and what was answered, and names the project after it", async () => {
  await using temporary = await temporaryStudio(scriptedAgent(says("Here you are.")));
  const { studio } = temporary;
  const { id } = newProject(studio);
  const chunks = await all(await ask(studio, id, userMessage("Build a clock\nwith hands")));
  expect(chunks[0]).toMatchObject({ type: "start", messageMetadata: { modelId: "test/script" } });
  expect(chunks.at(-1)).toMatchObject({ type: "finish" });
  const messages = studio.projects.messages(id);
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
  expect(texts(messages[1])).toEqual(["Here you are."]);
  expect(messages[1]?.metadata).toMatchObject({ modelName: "Script" });
  expect(studio.projects.get(id)).toMatchObject({
    name: "Build a clock",
    turn: { status: "idle", ended: "finished" },
  });
});

test("a reader that joins late gets all from the first chunk, and leaving does not end the turn", async () => {
  const go = Promise.withResolvers<void>();
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* () {
      yield* saying("One ");
      await go.promise;
      yield* saying("two");
      yield { type: "finish" };
    }),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  const first = await ask(studio, id, userMessage("Count"));
  for await (const chunk of first) if (chunk.type === "finish-step") break;
  const late = studio.turns.stream(id);
  const early = all(studio.turns.stream(id)!);
  go.resolve();
  const lateChunks = await all(late!);
  expect(lateChunks).toEqual(await early);
  const words = lateChunks.flatMap((each) => (each.type === "text-delta" ? [each.delta] : []));
  expect(words).toEqual(["One ", "two"]);
  expect(studio.turns.stream(id)).toBeUndefined();
});

test("refuses a second turn while one runs", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* (run) {
      await stopped(run);
      yield { type: "abort" };
    }),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  await ask(studio, id, userMessage("Wait"));
  await expect(ask(studio, id, userMessage("Now", "m2"))).rejects.toMatchObject({
    code: "turn_running",
  });
  expect(studio.projects.messages(id)).toHaveLength(1);
});

test("a stop ends the agent, and its open call has a result", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* (run) {
      yield { type: "start-step" };
      yield* calling("c1", "runCommand", { command: "sleep 1000" });
      await stopped(run);
      yield { type: "abort" };
    }),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  const chunks = await ask(studio, id, userMessage("Sleep"));
  for await (const chunk of chunks) if (chunk.type === "tool-input-available") break;
  expect(await studio.turns.stop(id)).toBe(true);
  expect(await studio.turns.stop(id)).toBe(false);
  const answer = studio.projects.messages(id)[1];
  const call = answer?.parts.find((part) => part.type === "tool-runCommand");
  expect(call).toMatchObject({ state: "output-error", errorText: "Stopped by the user." });
  expect(notices(answer)).toEqual(["stopped"]);
  expect(studio.projects.get(id).turn).toMatchObject({ status: "idle", ended: "stopped" });
});

test("a call's time, its runs and the steps are told", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* ({ workspace }) {
      yield { type: "start-step" };
      yield* calling("c1", "listFiles", {});
      // Where tools run as tasks.
      workspace.runStarted({ toolCallId: "c1", runId: "run_1" });
      workspace.runStarted({ toolCallId: "c1", runId: "run_2" });
      yield {
        type: "tool-output-available",
        toolCallId: "c1",
        output: { path: "", entries: [], truncated: false },
      };
      yield { type: "finish-step" };
      yield* saying("Done");
      yield { type: "finish", finishReason: "stop" };
    }),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  await all(await ask(studio, id, userMessage("List")));
  const parts = studio.projects.messages(id)[1]?.parts ?? [];
  const timing = parts.find((part) => part.type === "data-timing");
  expect(timing?.data).toEqual({
    toolCallId: "c1",
    startedAt: expect.any(Number),
    endedAt: expect.any(Number),
    runIds: ["run_1", "run_2"],
  });
  const budget = parts.find((part) => part.type === "data-budget");
  expect(budget?.data).toEqual({ step: 2, maxSteps: 30 });
});

test.each([
  ["code without a tool call", "Sure:\n```js\nlet a;\n```", "stop", ["no-tool-call"]],
  ["prose", "It is a `let`.", "stop", []],
  ["an answer that was cut off", "And so", "length", ["output-limit"]],
] as const)("remarks on %s", async (_title, text, finishReason, expected) => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* () {
      yield* saying(text);
      yield { type: "finish", finishReason };
    }),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  await all(await ask(studio, id, userMessage("Do")));
  expect(notices(studio.projects.messages(id)[1])).toEqual(expected);
});

test("a model that fails leaves an answer that says so, and the next turn goes on", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* () {
      yield* saying("I will ");
      yield { type: "error", errorText: "The model's provider refused the key." };
    }, says("Better")),
  );
  const { studio } = temporary;
  const { id } = newProject(studio);
  await all(await ask(studio, id, userMessage("Do")));
  const answer = studio.projects.messages(id)[1];
  expect(texts(answer)).toEqual(["I will "]);
  expect(answer?.parts).toContainEqual(
    expect.objectContaining({
      type: "data-notice",
      data: expect.objectContaining({ text: "The model's provider refused the key." }),
    }),
  );
  expect(studio.projects.get(id).turn).toMatchObject({ ended: "failed" });
  await all(await ask(studio, id, userMessage("Again", "m2")));
  expect(texts(studio.projects.messages(id)[3])).toEqual(["Better"]);
});

function asking() {
  return async function* (): AsyncGenerator<StudioChunk> {
    yield { type: "start-step" };
    yield* calling("c1", "runCommand", { command: "rm -r build" });
    yield { type: "tool-approval-request", approvalId: "a1", toolCallId: "c1" };
    yield { type: "finish-step" };
    yield { type: "finish", finishReason: "tool-calls" };
  };
}

test("waits for an answer to what a tool asks, and goes on in the same message", async () => {
  const agent = scriptedAgent(asking(), async function* (run) {
    const call = run.messages.at(-1)?.parts.find((part) => part.type === "tool-runCommand");
    expect(call).toMatchObject({ state: "approval-responded", approval: { approved: true } });
    yield {
      type: "tool-output-available",
      toolCallId: "c1",
      output: {
        sandboxId: "s",
        commandId: "k",
        state: "exited",
        exitCode: 0,
        stdout: "",
        stderr: "",
        omittedCharacters: 0,
      },
    };
    yield* saying("Removed");
    yield { type: "finish", finishReason: "stop" };
  });
  await using temporary = await temporaryStudio(agent);
  const { studio } = temporary;
  const { id } = newProject(studio);
  await all(await ask(studio, id, userMessage("Clean")));
  expect(studio.projects.get(id).turn.status).toBe("awaiting-approval");

  const wrong = { cause: "user" as const, approvals: [{ approvalId: "a2", approved: true }] };
  await expect(studio.turns.start(id, wrong)).rejects.toMatchObject({
    code: "bad_request",
    field: "approvals",
  });
  const approvals = [{ approvalId: "a1", approved: true }];
  const live = await studio.turns.start(id, { cause: "user", approvals });
  const replayed = all(studio.turns.stream(id)!);
  const own = await all(live);
  // Who was there gets what is new; who comes gets the whole message.
  expect(own.some(({ type }) => type === "tool-input-available")).toBe(false);
  expect((await replayed).map(({ type }) => type)).toEqual(
    expect.arrayContaining(["tool-input-available", "tool-approval-response"]),
  );
  const messages = studio.projects.messages(id);
  expect(messages).toHaveLength(2);
  const call = messages[1]?.parts.find((part) => part.type === "tool-runCommand");
  expect(call).toMatchObject({ state: "output-available", output: { exitCode: 0 } });
  expect(texts(messages[1])).toEqual(["Removed"]);
  expect(studio.projects.get(id).turn).toMatchObject({ status: "idle", ended: "finished" });
});

test("a new message is a no to what still waits", async () => {
  const agent = scriptedAgent(asking(), says("As you like"));
  await using temporary = await temporaryStudio(agent);
  const { studio } = temporary;
  const { id } = newProject(studio);
  await all(await ask(studio, id, userMessage("Clean")));
  await all(await ask(studio, id, userMessage("Never mind", "m2")));
  const call = agent.runs[1]?.messages[1]?.parts.find((part) => part.type === "tool-runCommand");
  expect(call).toMatchObject({ state: "output-denied", approval: { approved: false } });
});

test("what a killed studio had begun is there afterwards, and is called interrupted", async () => {
  const never = Promise.withResolvers<void>();
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* (run) {
      yield* saying("I begin. ");
      yield* calling("c1", "listFiles", {});
      await Promise.race([never.promise, stopped(run)]);
    }, says("I go on.")),
  );
  const { id } = newProject(temporary.studio);
  const chunks = await ask(temporary.studio, id, userMessage("Go"));
  for await (const chunk of chunks) if (chunk.type === "tool-input-available") break;
  const studio = await temporary.reopen({ close: false });
  expect(studio.projects.get(id).turn).toMatchObject({ status: "idle", ended: "interrupted" });
  const answer = studio.projects.messages(id)[1];
  expect(texts(answer)).toEqual(["I begin. "]);
  expect(answer?.parts.find((part) => part.type === "tool-listFiles")).toMatchObject({
    state: "output-error",
  });
  expect(notices(answer)).toEqual(["interrupted"]);
  await all(await ask(studio, id, userMessage("Go on", "m2")));
  expect(texts(studio.projects.messages(id)[3])).toEqual(["I go on."]);
});
