import { once } from "node:events";
import { get } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { listLog } from "../testing/list-log.ts";
import { scriptedEngine } from "../testing/scripted-engine.ts";
import { InteractiveServer } from "./interactive-server.ts";

afterEach(() => {
  vi.useRealTimers();
});

async function serve() {
  const { engine } = scriptedEngine();
  const { session } = await engine.sandboxes.create({ name: "box" });
  const server = new InteractiveServer({ engine, log: listLog() });
  return {
    server,
    sessionId: session.id,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The status with which the handshake ends; 101 for one that succeeded. */
async function handshake(url: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, { headers });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  socket.on("open", () => resolve(101));
  socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
  socket.on("error", reject);
  try {
    return await promise;
  } finally {
    socket.terminate();
  }
}

test("opens a shell for a ticket, once, and tells its health to the vendor's CLI", async () => {
  await using served = await serve();
  const { url, token } = await served.server.open(served.sessionId);
  expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/interactive\/sbx_/);
  const health = await fetch(`http://${new URL(url).host}/health`);
  expect(health.status).toBe(200);
  expect(await handshake(`${url}?token=${token}`)).toBe(101);
  expect(await handshake(`${url}?token=${token}`)).toBe(401);
});

test("refuses a ticket that is missing, wrong or another session's", async () => {
  await using served = await serve();
  const { url, token } = await served.server.open(served.sessionId);
  expect(await handshake(url)).toBe(401);
  expect(await handshake(`${url}?token=${token}x`)).toBe(401);
  expect(await handshake(`${url}x?token=${token}`)).toBe(401);
  // That was a try with the right ticket: it is used up, so that nobody can go on guessing sessions.
  expect(await handshake(`${url}?token=${token}`)).toBe(401);
});

test("refuses a path that no URL has", async () => {
  await using served = await serve();
  const { url } = await served.server.open(served.sessionId);
  const { hostname, port } = new URL(url);
  const headers = { connection: "upgrade", upgrade: "websocket" };
  const [response] = await once(get({ hostname, port, path: "//", headers }), "response");
  expect(response.statusCode).toBe(401);
});

test("refuses what comes from a web page, even with the ticket, and leaves the ticket good", async () => {
  await using served = await serve();
  const { url, token } = await served.server.open(served.sessionId);
  const address = `${url}?token=${token}`;
  expect(await handshake(address, { origin: "https://evil.example" })).toBe(403);
  expect(await handshake(address, { host: "evil.example" })).toBe(403);
  expect(await handshake(address, { "sec-fetch-site": "cross-site" })).toBe(403);
  const { host } = new URL(url);
  const health = await fetch(`http://${host}/health`, {
    headers: { origin: "https://evil.example" },
  });
  expect(health.status).toBe(403);
  expect(await handshake(address)).toBe(101);
});

test("forgets a ticket that nobody used for a minute", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await using served = await serve();
  const { url, token } = await served.server.open(served.sessionId);
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  expect(await handshake(`${url}?token=${token}`)).toBe(401);
});

test("ends its shells when it ends", async () => {
  const served = await serve();
  const { url, token } = await served.server.open(served.sessionId);
  const socket = new WebSocket(`${url}?token=${token}`);
  await once(socket, "open");
  const closed = once(socket, "close");
  await served[Symbol.asyncDispose]();
  await closed;
});
