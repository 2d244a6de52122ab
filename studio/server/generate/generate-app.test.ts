import { Sandbox } from "sandlot";
import { expect, test } from "vitest";
import { GENERATE_EVENTS, type GenerateEvent } from "../../contract/generate.ts";
import { calling, says, saying, scriptedAgent, stopped } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import { generateApp } from "./generate-app.ts";

const REQUEST = { prompt: "Build a page", type: "other" } as const;

const builder = (url: string) =>
  scriptedAgent(async function* ({ workspace }) {
    yield { type: "start-step" };
    yield* calling("c1", "createSandbox", {});
    const sandbox = await Sandbox.create({ ...workspace.newSandbox });
    workspace.sandboxCreated(sandbox.name);
    const output = { sandboxId: sandbox.name, ports: [], existed: false };
    yield { type: "tool-output-available", toolCallId: "c1", output };
    yield* calling("c2", "generateFiles", { files: [{ path: "a.html", content: "<p>\n" }] });
    const files = [{ path: "a.html", lines: 1, sizeBytes: 4, created: true }];
    yield { type: "tool-output-available", toolCallId: "c2", output: { files } };
    yield* calling("c3", "getSandboxUrl", { port: 3000 });
    const up = { port: 3000, url, listening: true };
    yield { type: "tool-output-available", toolCallId: "c3", output: up };
    yield { type: "finish-step" };
    yield* saying("Here it is.");
    yield { type: "finish", finishReason: "stop" };
  });

test("tells each step, and leaves a project with its sandbox", async () => {
  const url = "http://localhost:1234";
  await using temporary = await temporaryStudio(builder(url));
  const { studio } = temporary;
  const events = await Array.fromAsync(generateApp(studio, REQUEST, new AbortController().signal));
  for (const { event, data } of events) GENERATE_EVENTS[event].parse(data);
  const statuses = events.flatMap((each) => (each.event === "progress" ? [each.data.status] : []));
  expect(statuses).toEqual([
    "creating",
    "initializing",
    "initializing",
    "writing",
    "preview",
    "generating",
    "complete",
  ]);
  const [project] = studio.projects.list();
  expect(events.filter(({ event }) => event === "tool")).toEqual([
    { event: "tool", data: { action: "create", file: "a.html", linesAdded: 1 } },
  ]);
  expect(events.at(-1)).toEqual({
    event: "complete",
    data: {
      success: true,
      sandboxId: project?.sandboxId,
      previewUrl: url,
      message: "Here it is.",
    },
  });
  const messages = events.flatMap((each) => (each.event === "message" ? [each.data] : []));
  expect(messages.map(({ delta }) => delta).join("")).toBe("Here it is.");
  expect(messages.at(-1)?.content).toBe("Here it is.");
});

async function sandboxNames(): Promise<string[]> {
  const listed = await Sandbox.list({ limit: 50 });
  return (await listed.toArray()).map(({ name }) => name);
}

test("removes its sandbox when the model fails, and says why", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* ({ workspace }) {
      const sandbox = await Sandbox.create({ ...workspace.newSandbox });
      workspace.sandboxCreated(sandbox.name);
      yield { type: "error", errorText: "The model's provider refused the key." };
    }),
  );
  const { studio } = temporary;
  const events = await Array.fromAsync(generateApp(studio, REQUEST, new AbortController().signal));
  expect(events.at(-1)).toEqual({
    event: "error",
    data: { message: "The model's provider refused the key." },
  });
  expect(studio.projects.list()).toEqual([]);
  expect(await sandboxNames()).toEqual([]);
});

test("an answer without a sandbox is an error", async () => {
  await using temporary = await temporaryStudio(scriptedAgent(says("I would write a page.")));
  const { studio } = temporary;
  const events: GenerateEvent[] = await Array.fromAsync(
    generateApp(studio, REQUEST, new AbortController().signal),
  );
  expect(events.at(-1)).toMatchObject({ event: "error" });
  expect(studio.projects.list()).toEqual([]);
});

test("a reader that leaves ends the agent and removes what it had made", async () => {
  await using temporary = await temporaryStudio(
    scriptedAgent(async function* (run) {
      const sandbox = await Sandbox.create({ ...run.workspace.newSandbox });
      run.workspace.sandboxCreated(sandbox.name);
      yield* calling("c1", "createSandbox", {});
      await stopped(run);
      yield { type: "abort" };
    }),
  );
  const { studio } = temporary;
  const left = new AbortController();
  for await (const { event, data } of generateApp(studio, REQUEST, left.signal)) {
    if (event === "progress" && data.status === "initializing") left.abort();
  }
  expect(studio.projects.list()).toEqual([]);
  expect(await sandboxNames()).toEqual([]);
});
