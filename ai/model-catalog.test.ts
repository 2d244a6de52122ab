import { expect, test } from "vitest";
import { demoProvider } from "./demo/demo-provider.ts";
import { modelEnvironment } from "./environment.ts";
import { ModelCatalog } from "./model-catalog.ts";
import { providersOf } from "./models.ts";
import type { ModelProvider, Offer } from "./providers/model-provider.ts";

function provider(key: string, offer: Partial<Offer> = {}): ModelProvider {
  return {
    key,
    name: key.toUpperCase(),
    kind: "cloud",
    model: (model) => `${key}:${model}`,
    offer: async () => ({
      models: [
        { model: "one/x", name: "One" },
        { model: "two", name: "Two" },
      ],
      isComplete: true,
      ...offer,
    }),
  };
}

test("the first provider's first model is the default, and the demo comes last", async () => {
  const catalog = new ModelCatalog({ providers: [provider("a"), provider("b"), demoProvider()] });
  const list = await catalog.list();
  expect(list.default).toBe("a/one/x");
  expect(list.models.map(({ id }) => id)).toEqual([
    "a/one/x",
    "a/two",
    "b/one/x",
    "b/two",
    "demo/script",
  ]);
  expect(list.note).toBeUndefined();
  expect(await catalog.resolve("b/one/x")).toMatchObject({ model: "b:one/x" });
});

test("the setting comes before everything else", async () => {
  const catalog = new ModelCatalog({
    providers: [provider("a"), provider("b")],
    preferredId: "b/two",
  });
  expect((await catalog.list()).default).toBe("b/two");
  expect(await catalog.resolve()).toMatchObject({ info: { id: "b/two" }, model: "b:two" });
});

test("a setting that nobody offers is said, and the next best is used", async () => {
  const catalog = new ModelCatalog({ providers: [provider("a")], preferredId: "b/two" });
  const list = await catalog.list();
  expect(list.default).toBe("a/one/x");
  expect(list.note).toContain("SANDLOT_MODEL names b/two, which nobody here offers.");
});

test("a provider whose list could not be read may still be asked by name", async () => {
  const silent = provider("a", { models: [], isComplete: false, problem: "It is silent." });
  const catalog = new ModelCatalog({ providers: [silent, demoProvider()], preferredId: "a/mine" });
  const list = await catalog.list();
  expect(list).toMatchObject({ default: "a/mine", note: "It is silent." });
  expect(await catalog.resolve("a/other")).toMatchObject({ info: { id: "a/other" } });
});

test.each(["a/three", "nobody/x", "a", "", "demo/other"])(
  "refuses the id %j, which nobody offers",
  async (id) => {
    const catalog = new ModelCatalog({ providers: [provider("a"), demoProvider()] });
    await expect(catalog.resolve(id)).rejects.toMatchObject({
      code: "model_not_found",
      field: "modelId",
    });
  },
);

test("with nothing else there is the demo, and a note on how to connect a model", async () => {
  const catalog = new ModelCatalog({ providers: [demoProvider()] });
  const list = await catalog.list();
  expect(list).toMatchObject({ default: "demo/script", models: [{ kind: "demo" }] });
  expect(list.note).toContain("a script and no AI");
});

test("asks providers again after a while, and not for each page", async () => {
  let asked = 0;
  let now = 0;
  const one = provider("a");
  const counted = { ...one, offer: () => ((asked += 1), one.offer()) };
  const catalog = new ModelCatalog({ providers: [counted], now: () => now });
  await Promise.all([catalog.list(), catalog.list(), catalog.resolve()]);
  expect(asked).toBe(1);
  now = 60_000;
  await catalog.list();
  expect(asked).toBe(2);
});

test("orders providers by key, local server and demo, as the environment has them", () => {
  const keys = (variables: Record<string, string>) =>
    providersOf(modelEnvironment(variables)).map(({ key }) => key);
  expect(keys({})).toEqual(["ollama", "lmstudio", "llamacpp", "demo"]);
  expect(keys({ SANDLOT_LOCAL_MODELS: "off", ANTHROPIC_API_KEY: " " })).toEqual(["demo"]);
  expect(keys({ OPENAI_API_KEY: "k", ANTHROPIC_API_KEY: "k", AI_GATEWAY_API_KEY: "k" })).toEqual([
    "gateway",
    "anthropic",
    "openai",
    "ollama",
    "lmstudio",
    "llamacpp",
    "demo",
  ]);
});

test("reads addresses in the forms that are in use", () => {
  const urlOf = (url: string) =>
    modelEnvironment({ ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: url }).anthropic?.baseUrl;
  expect(urlOf("https://proxy.test/v1/")).toBe("https://proxy.test");
  expect(urlOf("https://proxy.test")).toBe("https://proxy.test");
  expect(modelEnvironment({ OPENAI_API_KEY: "k" }).openaiCompatible).toEqual({
    baseUrl: "https://api.openai.com/v1",
    apiKey: "k",
  });
});
