import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { StudioMessage } from "@/studio/contract/message.ts";
import type { Project, ProjectDetail } from "@/studio/contract/project.ts";
import { createProjectStore } from "../project/project-store.ts";
import { Conversation } from "./conversation.ts";

afterEach(() => vi.unstubAllGlobals());

const project: Project = {
  id: "p1",
  name: "Bakery",
  type: "website",
  approval: "auto",
  autoFix: true,
  createdAt: 1,
  updatedAt: 1,
  turn: { status: "idle" },
};
const running: Project = { ...project, turn: { status: "running", turnId: "t1" } };

const said: StudioMessage = { id: "m1", role: "user", parts: [{ type: "text", text: "Build." }] };

function answerOf(text: string): object[] {
  return [
    { type: "start", messageId: "m2", messageMetadata: { turnId: "t1" } },
    { type: "text-start", id: "x" },
    { type: "text-delta", id: "x", delta: text },
    { type: "text-end", id: "x" },
    { type: "finish" },
  ];
}

interface FakeStudio extends AsyncDisposable {
  /** Method and path of each request, in order; with its body, if it had one. */
  requests: string[];
  /** What the project's route tells. */
  detail: ProjectDetail;
  /** What a turn says; 204 without. */
  stream: object[] | undefined;
}

// A server with the three routes that a conversation speaks to. The page's addresses have no host of their own.
async function startFakeStudio(): Promise<FakeStudio> {
  const studio = { requests: [] as string[], detail: { project, messages: [] as StudioMessage[] } };
  const fake = Object.assign(studio, { stream: undefined as object[] | undefined });
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      fake.requests.push(`${request.method} ${request.url}${body && ` ${body}`}`);
      if (request.url === "/api/projects/p1") response.end(JSON.stringify(fake.detail));
      else if (!fake.stream) response.writeHead(204).end();
      else {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const chunk of fake.stream) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        response.end("data: [DONE]\n\n");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", (input: string, init?: RequestInit) => fetch(new URL(input, base), init));
  return Object.assign(fake, {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function open(detail: ProjectDetail) {
  const store = createProjectStore(detail.project);
  const conversation = new Conversation(store, detail);
  const leave = conversation.follow();
  return { store, conversation, chat: conversation.chat, [Symbol.dispose]: leave };
}

const lastText = (messages: readonly StudioMessage[]) =>
  messages.at(-1)?.parts.findLast((part) => part.type === "text")?.text;

test("a page that is opened while a turn runs joins it, with all that was said before", async () => {
  await using studio = await startFakeStudio();
  studio.stream = answerOf("All of it.");
  using page = open({ project: running, messages: [said] });
  await expect.poll(() => lastText(page.chat.messages)).toBe("All of it.");
  expect(studio.requests).toEqual(["GET /api/chat/p1/stream"]);
});

test("a turn that somebody else begins is joined when the news comes, with its question", async () => {
  await using studio = await startFakeStudio();
  studio.stream = answerOf("From elsewhere.");
  studio.detail = { project: running, messages: [said] };
  using page = open({ project, messages: [] });
  page.store.getState().apply({ type: "project", project: running });
  await expect.poll(() => lastText(page.chat.messages)).toBe("From elsewhere.");
  expect(page.chat.messages.map(({ id }) => id)).toEqual(["m1", "m2"]);
});

test("late news of a turn that was read to its end do not read it again", async () => {
  await using studio = await startFakeStudio();
  studio.stream = answerOf("Done.");
  using page = open({ project, messages: [] });
  await page.chat.sendMessage({ text: "Build." });
  page.store.getState().apply({ type: "project", project: running });
  const idle: Project = { ...project, turn: { status: "idle", turnId: "t1" } };
  page.store.getState().apply({ type: "project", project: idle });
  // What is asked after all that comes after it: nothing else may stand between.
  studio.detail = { project: idle, messages: [said] };
  page.store.getState().apply({ type: "messages" });
  await expect.poll(() => page.chat.messages).toEqual([said]);
  expect(studio.requests.map((line) => line.split(" ", 2).join(" "))).toEqual([
    "POST /api/chat",
    "GET /api/projects/p1",
  ]);
});

test("messages that changed elsewhere are read again", async () => {
  await using studio = await startFakeStudio();
  using page = open({ project, messages: [] });
  studio.detail = { project, messages: [said] };
  page.store.getState().apply({ type: "messages" });
  await expect.poll(() => page.chat.messages).toEqual([said]);
});

test("a message that did not get through comes back to be sent again", async () => {
  await using studio = await startFakeStudio();
  using page = open({ project, messages: [] });
  studio.stream = [{ type: "error", errorText: "The model is away." }];
  await page.chat.sendMessage({ text: "Build a bakery." });
  expect(page.chat.error?.message).toBe("The model is away.");
  expect(await page.conversation.recover()).toBe("Build a bakery.");
  expect([page.chat.error, page.chat.messages]).toEqual([undefined, []]);
});

test("an answer that broke off is read again when the studio is back", async () => {
  await using studio = await startFakeStudio();
  using page = open({ project, messages: [] });
  studio.stream = [...answerOf("Half").slice(0, 3), { type: "error", errorText: "Gone." }];
  await page.chat.sendMessage({ text: "Build." });
  expect([page.chat.status, lastText(page.chat.messages)]).toEqual(["error", "Half"]);
  const whole: StudioMessage = {
    id: "m2",
    role: "assistant",
    parts: [{ type: "text", text: "Whole" }],
  };
  studio.detail = { project, messages: [said, whole] };
  page.store.getState().apply({ type: "messages" });
  await expect.poll(() => lastText(page.chat.messages)).toBe("Whole");
  expect(page.chat.status).toBe("ready");
});

test("a message that the studio never got is not lost to what it tells when it is back", async () => {
  await using studio = await startFakeStudio();
  using page = open({ project, messages: [] });
  studio.stream = [{ type: "error", errorText: "Gone." }];
  await page.chat.sendMessage({ text: "Build a bakery." });
  page.store.getState().apply({ type: "messages" });
  await expect.poll(() => studio.requests.at(-1)).toBe("GET /api/projects/p1");
  expect(await page.conversation.recover()).toBe("Build a bakery.");
});

test("the turn goes on only when every question has its answer, and then tells all of them", async () => {
  await using studio = await startFakeStudio();
  const asks = (toolCallId: string, id: string) => ({
    type: "tool-runCommand" as const,
    toolCallId,
    state: "approval-requested" as const,
    input: { command: "npm install" },
    approval: { id },
  });
  const asking: StudioMessage = {
    id: "m2",
    role: "assistant",
    parts: [{ type: "step-start" }, asks("c1", "a1"), asks("c2", "a2")],
  };
  using page = open({ project, messages: [said, asking] });
  studio.stream = answerOf("On it.");
  await page.conversation.answer("a1", true);
  expect(studio.requests).toEqual([]);
  await page.conversation.answer("a2", false);
  const approvals = [
    { approvalId: "a1", approved: true },
    { approvalId: "a2", approved: false },
  ];
  expect(studio.requests).toEqual([
    `POST /api/chat ${JSON.stringify({ projectId: "p1", approvals })}`,
  ]);
});
