import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { RequestHead } from "../engine/face.ts";
import type { Engine } from "../engine/engine.ts";
import { SandboxError } from "../contract/errors.ts";
import { Cleanup } from "../std/cleanup.ts";
import { scriptedEngine } from "../testing/scripted-engine.ts";
import { Previews } from "./previews.ts";

const cleanup = new Cleanup();
let sandboxes: Engine["sandboxes"];
let previews: Previews;
let hostPort = 0;
let isGone = false;

/** What a sandbox's app would be: says what reached it. */
async function openApp(): Promise<number> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify([request.url, request.headers["x-token"] ?? null]));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, { url }) => socket.send(String(url)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.add(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Lets in whoever sends the token, and takes it out of what goes on. */
function admit(request: RequestHead) {
  if (request.headers.get("x-token") === "right") return { without: ["x-token"] };
  const url = new URL(request.url);
  if (url.searchParams.get("token") === "right") return { path: url.pathname };
  return Response.json({ said: "no" }, { status: 401, headers: { "x-from": "face" } });
}

beforeAll(async () => {
  hostPort = await openApp();
  const { engine } = scriptedEngine();
  const { sandbox } = await engine.sandboxes.create({ name: "shown" });
  // The scripted engine has no ports of its own: where its sessions' lead is all that is looked at.
  const sessions = Object.assign(Object.create(engine.sessions) as typeof engine.sessions, {
    route: async (_id: string, port: number) => {
      if (isGone) throw new SandboxError("sandbox_stopped", "It has stopped.");
      return { port, hostPort, url: "" };
    },
  });
  sandboxes = engine.sandboxes;
  previews = new Previews({ engine: { ...engine, sessions } });
  cleanup.add(() => previews[Symbol.asyncDispose]());
  expect(sandbox.name).toBe("shown");
});

afterAll(() => cleanup[Symbol.asyncDispose]());

const open = async () =>
  (await previews.open("daytona", { sandboxName: "shown", port: 80, admit })).url;

test("has one address for a port, and one for another face's gate before it", async () => {
  const url = await open();
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect(await open()).toBe(url);
  const other = await previews.open("e2b", { sandboxName: "shown", port: 80, admit });
  expect(other.url).not.toBe(url);
});

test("asks the face first, and passes on what it lets in without what was meant for it", async () => {
  const url = await open();
  const refused = await fetch(`${url}/a`);
  expect([refused.status, refused.headers.get("x-from")]).toEqual([401, "face"]);
  const byHeader = await fetch(`${url}/a?b=1`, { headers: { "x-token": "right" } });
  expect(await byHeader.json()).toEqual(["/a?b=1", null]);
  const byQuery = await fetch(`${url}/a?token=right`);
  expect(await byQuery.json()).toEqual(["/a", null]);
});

test("asks the face about WebSockets, too", async () => {
  const url = (await open()).replace("http", "ws");
  const refused = new WebSocket(`${url}/chat`);
  refused.on("error", () => undefined); // It never opened.
  const [, response] = (await once(refused, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  expect(response.statusCode).toBe(401);
  refused.terminate();
  const socket = new WebSocket(`${url}/chat`, { headers: { "x-token": "right" } });
  const [greeting] = (await once(socket, "message")) as [Buffer];
  expect(greeting.toString()).toBe("/chat");
  socket.terminate();
});

test("is no way in for a page elsewhere that took this machine's address for its own name", async () => {
  const { hostname, port } = new URL(await open());
  const { request } = await import("node:http");
  const sent = request({
    hostname,
    port,
    headers: { host: `evil.example:${port}`, "x-token": "right" },
    agent: false,
  }).end();
  const [response] = (await once(sent, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(403);
});

test("says that the sandbox does not run, and that it is gone", async () => {
  const url = await open();
  const headers = { "x-token": "right" };
  isGone = true;
  try {
    expect((await fetch(url, { headers })).status).toBe(502);
  } finally {
    isGone = false;
  }
  const nowhere = await previews.open("daytona", { sandboxName: "nobody", port: 80, admit });
  expect((await fetch(nowhere.url, { headers })).status).toBe(404);
  await previews.open("daytona", { sandboxName: "shown", port: 81, admit });
  // Closed by the opening of the next.
  await expect(fetch(nowhere.url, { headers })).rejects.toThrow("fetch failed");
  expect((await fetch(url, { headers })).status).toBe(200);
});

test("leads to the next sandbox of the name only when that has asked for it", async () => {
  const headers = { "x-token": "right" };
  const request = { sandboxName: "again", port: 80, admit };
  await sandboxes.create({ name: "again" });
  const { url } = await previews.open("daytona", request);
  expect((await fetch(url, { headers })).status).toBe(200);
  await sandboxes.delete("again");
  expect((await fetch(url, { headers })).status).toBe(404);
  await sandboxes.create({ name: "again" });
  expect((await fetch(url, { headers })).status).toBe(404);
  expect((await previews.open("daytona", request)).url).toBe(url);
  expect((await fetch(url, { headers })).status).toBe(200);
});
