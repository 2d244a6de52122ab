import { Sandbox } from "sandlot";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { FIX_REQUEST } from "../../studio/contract/fix-request.ts";
import { PROJECT_TYPES } from "../../studio/contract/project-types.ts";
import { SAMPLE_PROMPTS, type SamplePrompt } from "../../studio/contract/sample-prompts.ts";
import { Conversation } from "../testing/run-turns.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { useEngine } from "../testing/temporary-engine.ts";
import { type NotedWorkspace, temporaryWorkspace } from "../testing/temporary-workspace.ts";
import { demoModel } from "./demo-model.ts";

useEngine({ vi, beforeAll, afterAll });

const model = demoModel({ paceMs: 0 });

function sample(id: SamplePrompt["id"]): SamplePrompt {
  const found = SAMPLE_PROMPTS.find((one) => one.id === id);
  if (!found) throw new Error(`there is no sample prompt ${id}`);
  return found;
}

async function urlOf(workspace: NotedWorkspace): Promise<string> {
  const name = workspace.sandboxId();
  if (name === undefined) throw new Error("no sandbox was made");
  return (await Sandbox.get({ name })).domain(3000);
}

async function page(workspace: NotedWorkspace, path = "/"): Promise<string> {
  const response = await fetch(new URL(path, await urlOf(workspace)));
  expect(response.status).toBe(200);
  return response.text();
}

test("builds the static page and serves it, then adds the button without a new server", async () => {
  const workspace = temporaryWorkspace();
  const chat = new Conversation({ model, workspace });

  const built = await chat.send(sample("static-page").prompt);
  expect(built.text).toContain("a script, no AI");
  expect(built.ends.map(({ tool, error }) => [tool, error])).toEqual([
    ["createSandbox", undefined],
    ["generateFiles", undefined],
    ["runCommand", undefined],
    ["getSandboxUrl", undefined],
  ]);
  expect(await page(workspace)).toContain("Good bread takes");
  expect(await page(workspace, "/styles.css")).not.toContain(".theme");

  const changed = await chat.send(sample("static-page").followUp);
  expect(changed.ends.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(await page(workspace)).toContain('id="theme"');
  expect(await page(workspace, "/styles.css")).toContain(".theme");
  expect(workspace.started).toHaveLength(1);
});

test("makes a change once, however often it is asked for", async () => {
  const workspace = temporaryWorkspace();
  const chat = new Conversation({ model, workspace });
  const { prompt, followUp } = sample("static-page");
  await chat.send(prompt);
  await chat.send(followUp);
  const again = await chat.send(followUp);
  expect(again.ends.map(({ tool }) => tool)).not.toContain("editFile");
  expect((await page(workspace)).split('id="theme"')).toHaveLength(2);
});

test("serves nothing from outside of the page's folder", async () => {
  const workspace = temporaryWorkspace();
  await new Conversation({ model, workspace }).send(sample("static-page").prompt);
  const url = await urlOf(workspace);
  expect((await fetch(`${url}/..%2fserver.mjs`)).status).toBe(404);
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});

test("builds the reading list, whose API keeps books and refuses nonsense, then the filter", async () => {
  const workspace = temporaryWorkspace();
  const chat = new Conversation({ model, workspace });
  const built = await chat.send(sample("node-api").prompt);
  expect(built.ends.filter(({ error }) => error !== undefined)).toEqual([]);

  const books = `${await urlOf(workspace)}/api/books`;
  const post = (body: unknown): Promise<Response> =>
    fetch(books, { method: "POST", body: JSON.stringify(body) });
  const created = await post({ title: "Momo", author: "Michael Ende" });
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { id: string };
  expect((await post({ title: " " })).status).toBe(400);
  const patched = await fetch(`${books}/${id}`, { method: "PATCH", body: '{"read":true}' });
  expect(await patched.json()).toMatchObject({ title: "Momo", read: true });
  expect((await fetch(`${books}/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await fetch(`${books}/${id}`, { method: "DELETE" })).status).toBe(404);
  const { books: left } = (await (await fetch(books)).json()) as { books: unknown[] };
  expect(left).toHaveLength(4);

  const changed = await chat.send(sample("node-api").followUp);
  expect(changed.ends.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(await page(workspace)).toContain('id="unread"');
  expect(await page(workspace, "/app.js")).toContain("unreadOnly.checked");
});

test(
  "installs Vite and React from npm, serves the app, then shows streaks",
  { timeout: 240_000 },
  async () => {
    const workspace = temporaryWorkspace();
    const chat = new Conversation({ model, workspace });
    const built = await chat.send(sample("vite-react").prompt);
    expect(built.text).toContain("The **habit tracker** runs");
    expect(await page(workspace)).toContain("/src/main.jsx");
    expect(await page(workspace, "/src/App.jsx")).toContain("done today");

    const changed = await chat.send(sample("vite-react").followUp);
    expect(changed.ends.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(await page(workspace, "/src/HabitRow.jsx")).toContain("streakOf");
  },
);

test("builds another app in the same project, in place of the first one's server", async () => {
  const workspace = temporaryWorkspace();
  // What a Vite project leaves makes every .js file a module.
  await new Conversation({
    model: scriptedModel([
      { calls: [{ tool: "createSandbox", input: {} }] },
      {
        calls: [
          {
            tool: "generateFiles",
            input: { files: [{ path: "package.json", content: '{"type":"module"}' }] },
          },
        ],
      },
    ]).model,
    workspace,
  }).send("Prepare.");
  const chat = new Conversation({ model, workspace });
  await chat.send(sample("static-page").prompt);
  const second = await chat.send(sample("node-api").prompt);
  expect(second.ends.map(({ tool }) => tool)).toContain("stop");
  expect(await page(workspace)).toContain("Reading list");
});

test("starts the server again where the sandbox was stopped in between", async () => {
  const workspace = temporaryWorkspace();
  const chat = new Conversation({ model, workspace });
  await chat.send(sample("static-page").prompt);
  const sandbox = await Sandbox.get({ name: workspace.sandboxId() ?? "" });
  await sandbox.stop();

  const changed = await chat.send(sample("static-page").followUp);
  expect(changed.text).toContain("There is a button in the top right corner now");
  expect(await page(workspace)).toContain('id="theme"');
});

test("says that its words are gone when the user has changed the file", async () => {
  const workspace = temporaryWorkspace();
  const chat = new Conversation({ model, workspace });
  await chat.send(sample("static-page").prompt);
  const sandbox = await Sandbox.get({ name: workspace.sandboxId() ?? "" });
  await sandbox.writeFiles([{ path: "public/index.html", content: "<h1>Mine</h1>" }]);

  const changed = await chat.send(sample("static-page").followUp);
  expect(changed.text).toContain("The text to search is not in public/index.html");
  expect(changed.text).toContain("I am a script and cannot look for another way");
  expect(await page(workspace)).toBe("<h1>Mine</h1>");
});

test("builds the website that the project type's own prompt asks for", async () => {
  const workspace = temporaryWorkspace();
  const website = PROJECT_TYPES.find(({ type }) => type === "website");
  await new Conversation({ model, workspace }).send(website?.prompt ?? "");
  expect(await page(workspace)).toContain("When the door is open");
});

describe("refuses honestly and touches nothing", () => {
  const refusals: [title: string, prompts: string[], answer: string][] = [
    ["another prompt", ["Build me a rocket."], "I am the demo: a script, no AI."],
    ["another prompt, and tells how to connect a model", ["Hello"], "connect a model"],
    [
      "an error that it is to repair",
      [`${FIX_REQUEST}\n\nx is not defined`],
      "cannot look for the cause",
    ],
    ["a change before there is an app", [sample("static-page").followUp], "build it first"],
  ];
  test.each(refusals)("%s", async (_title, prompts, answer) => {
    const workspace = temporaryWorkspace();
    const chat = new Conversation({ model, workspace });
    for (const prompt of prompts) {
      const { text, ends } = await chat.send(prompt);
      expect(text).toContain(answer);
      expect(ends).toEqual([]);
    }
    expect(workspace.created).toEqual([]);
  });
});

test("an abort in the middle of its words ends them with the signal's reason", async () => {
  const abort = new AbortController();
  const prompt = [
    {
      role: "user" as const,
      content: [{ type: "text" as const, text: sample("static-page").prompt }],
    },
  ];
  const { stream } = await demoModel({ paceMs: 1 }).doStream({ prompt, abortSignal: abort.signal });
  const reader = stream.getReader();
  await reader.read();
  const reason = new Error("enough");
  abort.abort(reason);
  const drain = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  await expect(drain()).rejects.toMatchObject({ cause: reason });
});

test("gives the same whether it is streamed or not", async () => {
  const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hello" }] }];
  const { content } = await model.doGenerate({ prompt });
  const { stream } = await model.doStream({ prompt });
  let text = "";
  for await (const part of stream) if (part.type === "text-delta") text += part.delta;
  expect(content).toEqual([{ type: "text", text }]);
});
