import { expect, test } from "vitest";
import { fakeServer } from "../testing/fake-server.ts";
import { localProviders } from "./local-servers.ts";

const CLOSED = 1; // No program listens at port 1 of a usual machine.
const closed = { ollama: CLOSED, lmStudio: CLOSED, llamaCpp: CLOSED };

async function offers(ports: Partial<typeof closed>) {
  const providers = localProviders({ ...closed, ...ports });
  const all = await Promise.all(
    providers.map(async (one) => [one.key, await one.offer()] as const),
  );
  return Object.fromEntries(all);
}

const nothing = { models: [], isComplete: true };

test("offers of Ollama what can call tools, and tells of its short memory", async () => {
  const capabilities: Record<string, unknown> = {
    "qwen3-coder:30b": { capabilities: ["completion", "tools"] },
    "gemma:2b": { capabilities: ["completion"] },
    "older:7b": { template: "{{ if .Tools }}…{{ end }}" },
    "embed:1b": { capabilities: ["embedding"] },
  };
  await using server = await fakeServer({
    "GET /api/tags": () => ({ models: Object.keys(capabilities).map((name) => ({ name })) }),
    "POST /api/show": (body) => capabilities[(body as { model: string }).model],
  });
  const { ollama, lmstudio, llamacpp } = await offers({ ollama: server.port });
  expect(ollama?.models.map(({ model }) => model)).toEqual(["qwen3-coder:30b", "older:7b"]);
  expect(ollama?.problem).toContain("OLLAMA_CONTEXT_LENGTH");
  expect([lmstudio, llamacpp]).toEqual([nothing, nothing]);
});

test("says so where Ollama runs with models that cannot call tools", async () => {
  await using server = await fakeServer({
    "GET /api/tags": () => ({ models: [{ name: "gemma:2b" }] }),
    "POST /api/show": () => ({ capabilities: ["completion"] }),
  });
  const { ollama } = await offers({ ollama: server.port });
  expect(ollama).toMatchObject({ models: [], problem: expect.stringContaining("ollama pull") });
});

test("offers of LM Studio what was trained for tools, the one in memory first", async () => {
  const model = (key: string, more: object) => ({ type: "llm", key, display_name: key, ...more });
  const tools = { capabilities: { vision: false, trained_for_tool_use: true } };
  await using server = await fakeServer({
    "GET /api/v1/models": () => ({
      models: [
        model("cold", { ...tools, loaded_instances: [] }),
        model("warm", { ...tools, loaded_instances: [{ id: "warm" }] }),
        model("chat-only", { capabilities: { trained_for_tool_use: false } }),
        { ...model("embed", tools), type: "embedding" },
      ],
    }),
  });
  const { lmstudio } = await offers({ lmStudio: server.port });
  expect(lmstudio?.models.map((one) => one.model)).toEqual(["warm", "cold"]);
});

test("reads the list of older versions of LM Studio", async () => {
  await using server = await fakeServer({
    "GET /api/v0/models": () => ({
      data: [
        { id: "a", type: "llm", state: "not-loaded", capabilities: ["tool_use"] },
        { id: "b", type: "vlm", state: "loaded", capabilities: ["tool_use"] },
        { id: "c", type: "llm", state: "loaded" },
      ],
    }),
  });
  const { lmstudio } = await offers({ lmStudio: server.port });
  expect(lmstudio?.models.map((one) => one.model)).toEqual(["b", "a"]);
});

test("offers llama.cpp's model under the name of its file, if its template knows tools", async () => {
  const llama = (properties: object) =>
    fakeServer({
      "GET /props": () => ({ default_generation_settings: { n_ctx: 4096 }, ...properties }),
      "GET /v1/models": () => ({ data: [{ id: "/models/Qwen3-8B.gguf" }] }),
    });
  await using withCaps = await llama({ chat_template_caps: { supports_tools: true } });
  await using withTemplate = await llama({ chat_template: "{% if tools %}" });
  await using without = await llama({ chat_template: "{{ messages }}" });
  const expected = [{ model: "/models/Qwen3-8B.gguf", name: "Qwen3-8B" }];
  expect((await offers({ llamaCpp: withCaps.port })).llamacpp?.models).toEqual(expected);
  expect((await offers({ llamaCpp: withTemplate.port })).llamacpp?.models).toEqual(expected);
  expect((await offers({ llamaCpp: without.port })).llamacpp).toMatchObject({
    models: [],
    problem: expect.stringContaining("--jinja"),
  });
});

test("takes no other program at a usual port for a model server", async () => {
  await using html = await fakeServer({});
  await using json = await fakeServer({
    "GET /api/tags": () => ["not", "it"],
    "GET /v1/models": () => ({ data: [{ id: "x" }] }),
    "GET /props": () => ({ hello: "world" }),
  });
  for (const { port } of [html, json]) {
    const found = await offers({ ollama: port, lmStudio: port, llamaCpp: port });
    expect(found).toEqual({ ollama: nothing, lmstudio: nothing, llamacpp: nothing });
  }
});

test("gives up on a server that takes the question and never answers", async () => {
  await using silent = await fakeServer({ "GET /api/tags": () => new Promise(() => undefined) });
  expect((await offers({ ollama: silent.port })).ollama).toEqual(nothing);
});
