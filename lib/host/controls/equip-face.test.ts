import { once } from "node:events";
import { request as askHttp, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { Face } from "../../engine/face.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { Activity, createApiServer } from "../api-server.ts";
import { listenAt, portOf } from "../listen-stably.ts";
import { FaultRule, type FaultRuleInput } from "./control-words.ts";
import { equipFace } from "./equip-face.ts";
import { FaultBook } from "./fault-book.ts";
import { RequestLog } from "./request-log.ts";

// What goes over a connection: the rest is looked at through the controls' own client.
const cleanup = new Cleanup();
const faults = new FaultBook();
const requests = new RequestLog();
let port = 0;

/** Answers 100 bytes in pieces, and says ten numbers on each WebSocket. */
const face: Face = {
  async fetch() {
    let left = 10;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- === 0) controller.close();
        else controller.enqueue(new Uint8Array(10));
      },
    });
    return new Response(body, { headers: { "content-length": "100" } });
  },
  connect: async () => ({
    open(peer) {
      for (let number = 0; number < 10; number++) peer.send(`n${number}`);
      return { message: () => undefined, closed: () => undefined };
    },
  }),
  refuse: (_request, { status, message }) => Response.json({ code: status, message }, { status }),
};

beforeAll(async () => {
  const { engine } = scriptedEngine();
  const equipped = equipFace("e2b", face, { engine, faults, requests });
  const api = createApiServer({
    mounts: [{ name: "e2b", prefix: "/e2b", load: async () => equipped }],
    host: async () => new Response(null, { status: 404 }),
    activity: new Activity(),
  });
  await listenAt(api.server, { host: "127.0.0.1", port: 0 });
  port = portOf(api.server);
  cleanup.add(() => api[Symbol.asyncDispose]());
});

beforeEach(() => {
  faults.clear();
  requests.clear();
});

afterAll(() => cleanup[Symbol.asyncDispose]());

const add = (rule: FaultRuleInput) => faults.add(FaultRule.parse(rule));

async function download(): Promise<{ bytes: number; isWhole: boolean }> {
  const sent = askHttp({ host: "127.0.0.1", port, path: "/e2b/file", agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let bytes = 0;
  response.on("data", (data: Buffer) => (bytes += data.length));
  response.on("error", () => undefined); // Told by `complete`.
  const closed = Promise.withResolvers<void>();
  response.once("close", () => closed.resolve());
  await closed.promise;
  return { bytes, isWhole: response.complete };
}

test("breaks a connection off in the middle of an answer, as a lost one does", async () => {
  expect(await download()).toEqual({ bytes: 100, isWhole: true });
  add({ action: { kind: "cut", afterBytes: 25 } });
  // The server says on its own stderr why it broke off.
  using said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  expect(await download()).toEqual({ bytes: 25, isWhole: false });
  expect(said).toHaveBeenCalledOnce();
});

test("leaves an answer whole that is shorter than the cut", async () => {
  add({ action: { kind: "cut", afterBytes: 100 } });
  expect(await download()).toEqual({ bytes: 100, isWhole: true });
});

test("closes a WebSocket after so many bytes", async () => {
  add({ path: "/**", action: { kind: "cut", afterBytes: 6 } });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/e2b/socket`);
  const said: string[] = [];
  socket.on("message", (data: Buffer) => said.push(data.toString()));
  const [code] = (await once(socket, "close")) as [number];
  expect({ code, said }).toEqual({ code: 1011, said: ["n0", "n1", "n2"] });
  expect(requests.list()).toMatchObject([{ path: "/socket", status: 101 }]);
});

test("refuses a WebSocket in the vendor's own shape", async () => {
  add({ action: { kind: "status", status: 502, message: "gone" } });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/e2b/socket`);
  socket.on("error", () => undefined); // It never opened.
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(502);
  const [data] = (await once(response, "data")) as [Buffer];
  expect(JSON.parse(data.toString())).toEqual({ code: 502, message: "gone" });
  socket.terminate();
});

test("waits before it passes a request on", async () => {
  add({ action: { kind: "delay", delayMs: 50 } });
  expect(await download()).toMatchObject({ isWhole: true });
  // A timer may be early by less than a millisecond.
  expect(requests.list()[0]?.durationMs).toBeGreaterThanOrEqual(49);
});

test.each([
  ["/sandboxes/*", "/sandboxes/x", true],
  ["/sandboxes/*", "/sandboxes/x/y", false],
  ["/sandboxes/**", "/sandboxes/x/y", true],
  ["/**/files", "/a/b/files", true],
  ["/a.b", "/axb", false],
  ["/process.Process/Start", "/process.Process/Start", true],
  ["/x", "/x/", false],
])("takes %s for %s: %s", (path, asked, isMet) => {
  add({ path, action: { kind: "delay", delayMs: 1 } });
  const taken = faults.take({ face: "e2b", method: "GET", path: asked, sandbox: [] });
  expect(taken.length === 1).toBe(isMet);
});

test("keeps the last thousand requests", () => {
  for (let count = 0; count < 1_010; count++) {
    requests.add({ at: 0, face: "e2b", method: "GET", path: "/", status: 200, durationMs: 1 });
  }
  const list = requests.list();
  expect(list).toHaveLength(1_000);
  expect(list.at(-1)!.number - list[0]!.number).toBe(999);
});
