import { generateText } from "ai";
import { expect, test } from "vitest";
import { modelEnvironment } from "../environment.ts";
import { fakeServer } from "../testing/fake-server.ts";
import { anthropicProvider } from "./anthropic.ts";
import { gatewayProvider } from "./gateway.ts";
import { openaiCompatibleProvider } from "./openai-compatible.ts";

const KEY = "secret-key-of-a-test";
const refused = () => new Response('{"error":"no"}', { status: 401 });

test("lists Anthropic's models, a Sonnet first, and sends the key in its own header", async () => {
  await using server = await fakeServer({
    "GET /v1/models": () => ({
      data: [
        { id: "claude-opus-9", display_name: "Claude Opus 9" },
        { id: "claude-sonnet-9", display_name: "Claude Sonnet 9" },
      ],
    }),
  });
  const offer = await anthropicProvider({ apiKey: KEY, baseUrl: server.url }).offer();
  expect(offer).toEqual({
    models: [
      { model: "claude-sonnet-9", name: "Claude Sonnet 9" },
      { model: "claude-opus-9", name: "Claude Opus 9" },
    ],
    isComplete: true,
  });
  expect(server.asked[0]?.headers["x-api-key"]).toBe(KEY);
});

test("offers known models and names the variable where Anthropic refuses the key", async () => {
  await using server = await fakeServer({ "GET /v1/models": refused });
  const offer = await anthropicProvider({ apiKey: KEY, baseUrl: server.url }).offer();
  expect(offer.isComplete).toBe(false);
  expect(offer.models.length).toBeGreaterThan(0);
  expect(offer.problem).toContain("ANTHROPIC_API_KEY");
  expect(offer.problem).not.toContain(KEY);
});

test("lists the gateway's chat models only", async () => {
  const specification = { specificationVersion: "v4", provider: "x", modelId: "x" };
  const entry = (id: string, modelType: string) => ({ id, name: id, modelType, specification });
  await using server = await fakeServer({
    "GET /config": () => ({
      models: [
        entry("openai/gpt-9", "language"),
        entry("openai/gpt-9-batch", "language"),
        entry("openai/pictures", "image"),
        entry("anthropic/claude-sonnet-9", "language"),
      ],
    }),
  });
  const offer = await gatewayProvider({ apiKey: KEY }, { baseUrl: server.url }).offer();
  expect(offer.models.map(({ model }) => model)).toEqual([
    "anthropic/claude-sonnet-9",
    "openai/gpt-9",
  ]);
  expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
});

test("offers known models where the gateway cannot be read", async () => {
  await using server = await fakeServer({});
  const offer = await gatewayProvider({ apiKey: KEY }, { baseUrl: server.url }).offer();
  expect(offer).toMatchObject({
    isComplete: false,
    problem: expect.stringContaining("AI_GATEWAY_API_KEY"),
  });
  expect(offer.problem).not.toContain(KEY);
});

test("lists of an OpenAI-compatible server what can chat and call tools, and talks to it", async () => {
  await using server = await fakeServer({
    "GET /api/v1/models": () => ({
      data: [
        { id: "meta/llama", supported_parameters: ["temperature"] },
        { id: "qwen/qwen-coder", name: "Qwen Coder", supported_parameters: ["tools"] },
        { id: "openai/text-embedding-9" },
      ],
    }),
    "POST /api/v1/chat/completions": (body) => ({
      id: "1",
      object: "chat.completion",
      created: 1,
      model: (body as { model: string }).model,
      choices: [
        { index: 0, message: { role: "assistant", content: "Hi." }, finish_reason: "stop" },
      ],
    }),
  });
  const provider = openaiCompatibleProvider({ baseUrl: `${server.url}/api/v1`, apiKey: KEY });
  const offer = await provider.offer();
  expect(offer).toEqual({
    models: [{ model: "qwen/qwen-coder", name: "Qwen Coder" }],
    isComplete: true,
  });
  expect(provider).toMatchObject({ kind: "local", name: "127.0.0.1" });
  const { text } = await generateText({
    model: provider.model("qwen/qwen-coder"),
    prompt: "Hello",
  });
  expect(text).toBe("Hi.");
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(
    Array(2).fill(`Bearer ${KEY}`),
  );
});

test("asks a server without a key where none is set", async () => {
  await using server = await fakeServer({ "GET /v1/models": () => ({ data: [{ id: "one" }] }) });
  const { openaiCompatible } = modelEnvironment({ OPENAI_BASE_URL: `${server.url}/v1/` });
  const offer = await openaiCompatibleProvider(openaiCompatible!).offer();
  expect(offer.models).toEqual([{ model: "one", name: "one" }]);
  expect(server.asked[0]?.headers.authorization).toBeUndefined();
});

test("does not carry a key to where a server redirects", async () => {
  await using elsewhere = await fakeServer({ "GET /v1/models": () => ({ data: [] }) });
  await using server = await fakeServer({
    "GET /v1/models": () =>
      new Response(null, { status: 302, headers: { location: `${elsewhere.url}/v1/models` } }),
  });
  const offer = await openaiCompatibleProvider({
    baseUrl: `${server.url}/v1`,
    apiKey: KEY,
  }).offer();
  expect(offer.problem).toContain("OPENAI_BASE_URL");
  expect(elsewhere.asked).toEqual([]);
});

test("says so where the address is none", async () => {
  const offer = await openaiCompatibleProvider({ baseUrl: "openrouter", apiKey: KEY }).offer();
  expect(offer).toMatchObject({ models: [], isComplete: false });
  expect(offer.problem).toContain("OPENAI_BASE_URL");
});
