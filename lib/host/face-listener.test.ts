import { once } from "node:events";
import { createServer, type IncomingMessage, request as askHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { Face } from "../engine/face.ts";
import { Cleanup } from "../std/cleanup.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { accessToken } from "./access-token.ts";
import { Activity, createApiServer } from "./api-server.ts";
import type { FaceMount } from "./face-mounts.ts";
import { forwardRequest } from "./forward.ts";
import { isSignedFileLink } from "./face-mounts.ts";
import { stateFolder } from "./state-folder.ts";
import { TcpListener } from "./tcp-listener.ts";

const KEY = "e2b_0123456789abcdef";
const cleanup = new Cleanup();
const activity = new Activity();
let url = "";
let token = "";
let appPort = 0;

/** Tells what it was asked for, echoes on its WebSockets, and passes `/app` on. */
const face: Face = {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/app")) {
      return forwardRequest(request, { hostPort: appPort }, { without: ["x-private"] });
    }
    return Response.json({ url: request.url, body: await request.text() });
  },
  async connect(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/refused") return Response.json({ no: true }, { status: 409 });
    if (pathname === "/app") return { forward: { hostPort: appPort }, path: "/ws" };
    if (pathname === "/gone") return { forward: { hostPort: 1 } };
    if (pathname === "/broken") throw new Error("a table is missing");
    if (pathname === "/talkative") {
      return {
        open(peer) {
          peer.close(1011, "ü".repeat(100));
          return { message: () => undefined, closed: () => undefined };
        },
      };
    }
    return {
      protocol: "second",
      open: (peer) => ({
        message: (data) => {
          peer.send(data);
          if (data === "end") peer.close(4008, "was asked to");
        },
        closed: () => undefined,
      }),
    };
  },
  admits: ({ url: asked }) => asked.includes("signature="),
  refuse: (_request, { status, message }) => Response.json({ code: status, message }, { status }),
};

/** What a program in a sandbox would be. */
async function openApp(): Promise<void> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    response.writeHead(201, { "content-type": "text/plain", "set-cookie": ["a=1", "b=2"] });
    const { host, "x-private": hidden = "none" } = request.headers;
    response.end(`${request.method} ${request.url} ${host} ${String(hidden)} ${body.length}`);
  });
  server.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
      webSocket.send(`hello ${request.url}`);
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  appPort = (server.address() as AddressInfo).port;
  cleanup.add(async () => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
}

beforeAll(async () => {
  const directory = await temporaryDirectory();
  cleanup.add(() => directory[Symbol.asyncDispose]());
  await openApp();
  const mounts: FaceMount[] = [
    {
      name: "e2b",
      prefix: "/e2b",
      load: async () => face,
      key: { header: "x-api-key", value: KEY },
      owns: isSignedFileLink,
    },
  ];
  mounts.push({
    name: "daytona",
    prefix: "/daytona",
    load: () => Promise.reject(new Error("a file is missing")),
  });
  const host = async () => Response.json({ host: true });
  const listener = new TcpListener({
    home: directory.path,
    serve: (guard) => createApiServer({ mounts, host, activity, guard }),
  });
  url = await listener.open();
  cleanup.add(() => listener[Symbol.asyncDispose]());
  token = accessToken(stateFolder(directory.path).token);
});

afterAll(() => cleanup[Symbol.asyncDispose]());

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function ask(
  path: string,
  { method = "GET", headers = {}, body = "" }: Asked = {},
): Promise<{ status: number | undefined; body: string; headers: Record<string, unknown> }> {
  const sent = askHttp(`${url}${path}`, { method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response), headers: response.headers };
}

const withKey = { "x-api-key": KEY };

/** How a WebSocket's opening ended: open, or the status that refused it. */
async function dial(path: string, headers: Record<string, string>, protocols: string[] = []) {
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}`, protocols, { headers });
  const refused = Promise.withResolvers<number>();
  socket.once("unexpected-response", (request, response) => {
    refused.resolve(response.statusCode ?? 0);
    request.destroy();
  });
  socket.on("error", () => undefined); // Told by the status.
  const status = await Promise.race([once(socket, "open").then(() => 101), refused.promise]);
  return { socket, status };
}

test("cuts the prefix off, and leaves the caller's own origin in the URL", async () => {
  const { body } = await ask("/e2b/v2/sandboxes?limit=1", { headers: withKey });
  expect(JSON.parse(body)).toEqual({ url: `${url}/v2/sandboxes?limit=1`, body: "" });
  expect(JSON.parse((await ask("/e2b", { headers: withKey })).body).url).toBe(`${url}/`);
  expect(JSON.parse((await ask("/e2b?x=1", { headers: withKey })).body).url).toBe(`${url}/?x=1`);
  const other = await ask("/e2bx", { headers: { authorization: `Bearer ${token}` } });
  expect(other.body).toBe('{"host":true}');
});

test.each([
  ["the vendor's key", () => withKey, 200],
  ["the folder's token", () => ({ authorization: `Bearer ${token}` }), 200],
  ["nothing", () => ({}), 401],
  ["another key", () => ({ "x-api-key": `${KEY}0` }), 401],
  ["the folder's token in the vendor's header", () => ({ "x-api-key": token }), 401],
  ["the vendor's key as a bearer token", () => ({ authorization: `Bearer ${KEY}` }), 401],
  ["the key under a name that was rebound", () => ({ ...withKey, host: "evil.example:1" }), 403],
  ["the key from a page elsewhere", () => ({ ...withKey, origin: "https://evil.example" }), 403],
  [
    "the key from a page of another port",
    () => ({ ...withKey, "sec-fetch-site": "same-site" }),
    403,
  ],
])("takes %s for what it is, for requests and for WebSockets", async (_, headersOf, status) => {
  const headers: Record<string, string> = headersOf();
  expect((await ask("/e2b/x", { headers })).status).toBe(status);
  const { socket, status: dialled } = await dial("/e2b/echo", headers, ["first", "second"]);
  expect(dialled).toBe(status === 200 ? 101 : status);
  socket.terminate();
});

test("refuses in the vendor's own shape, and the host's paths with the vendor's key", async () => {
  const { body } = await ask("/e2b/x");
  expect(JSON.parse(body)).toEqual({ code: 401, message: expect.stringContaining("x-api-key") });
  expect((await ask("/sandlot/status", { headers: withKey })).status).toBe(401);
});

test("lets a face's own proof in without a token, but from no page of another site", async () => {
  const signed = "/files?path=a&signature=v1_x";
  expect(JSON.parse((await ask(signed)).body).url).toBe(`${url}${signed}`);
  expect((await ask(`/e2b${signed}`)).status).toBe(200);
  expect((await ask("/files?path=a")).status).toBe(401);
  expect((await ask(signed, { headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect((await ask(signed, { headers: { host: "evil.example" } })).status).toBe(403);
});

test("carries text and bytes of a WebSocket both ways, and the face's close", async () => {
  const { socket } = await dial("/e2b/echo", withKey, ["first", "second"]);
  expect(socket.protocol).toBe("second");
  for (const data of ["some text: ä", Buffer.from([0, 255, 1])]) {
    const got = once(socket, "message") as Promise<[Buffer, boolean]>;
    socket.send(data);
    const [echoed, isBinary] = await got;
    expect({ echoed, isBinary }).toEqual({
      echoed: Buffer.from(data),
      isBinary: typeof data !== "string",
    });
  }
  const closed = once(socket, "close");
  socket.send("end");
  const [code, reason] = (await closed) as [number, Buffer];
  expect({ code, reason: reason.toString() }).toEqual({ code: 4008, reason: "was asked to" });
});

test("closes with as much of a reason as fits, and no half of a character", async () => {
  const { socket } = await dial("/e2b/talkative", withKey);
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  expect({ code, reason: reason.toString() }).toEqual({ code: 1011, reason: "ü".repeat(61) });
});

test("answers a WebSocket that the face refuses, that it cannot open, and that nobody serves", async () => {
  expect((await dial("/e2b/refused", withKey)).status).toBe(409);
  expect((await dial("/e2b/broken", withKey)).status).toBe(500);
  expect((await dial("/e2b/gone", withKey)).status).toBe(502);
  expect((await dial("/nothing", { authorization: `Bearer ${token}` })).status).toBe(404);
});

test("passes a request on to a sandbox's port without the headers that are meant for us", async () => {
  const headers = { ...withKey, "x-private": "secret" };
  const {
    status,
    body,
    headers: answered,
  } = await ask("/e2b/app?q=1", {
    method: "POST",
    headers,
    body: "x".repeat(100_000),
  });
  expect({ status, body, cookies: answered["set-cookie"] }).toEqual({
    status: 201,
    body: `POST /app?q=1 ${new URL(url).host} none 100000`,
    cookies: ["a=1", "b=2"],
  });
});

test("passes a body of unknown length on, whatever the method", async () => {
  const headers = { ...withKey, "transfer-encoding": "chunked" };
  const { status, body } = await ask("/e2b/app", { method: "DELETE", headers, body: "12345" });
  expect({ status, body }).toEqual({
    status: 201,
    body: `DELETE /app ${new URL(url).host} none 5`,
  });
});

test("passes a WebSocket on to a sandbox's port", async () => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/e2b/app`, { headers: withKey });
  const [hello] = (await once(socket, "message")) as [Buffer];
  expect(hello.toString()).toBe("hello /ws");
  const echoed = once(socket, "message");
  socket.send("there and back");
  expect(String((await echoed)[0])).toBe("there and back");
  socket.terminate();
});

test("says that a port does not answer", async () => {
  const request = new Request("http://localhost/x", { method: "POST", body: "y" });
  const response = await forwardRequest(request, { hostPort: 1 });
  expect(response.status).toBe(502);
});

test("serves the other faces when one cannot be loaded, and says what is wrong to whoever may ask", async () => {
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = await ask("/daytona/sandbox", { headers });
  expect(status).toBe(500);
  expect(body).toContain("a file is missing");
  expect((await ask("/daytona/sandbox")).status).toBe(401);
  expect((await ask("/e2b/x", { headers: withKey })).status).toBe(200);
});

test("counts a WebSocket as something that is being done, until it is closed", async () => {
  await expect.poll(() => activity.open).toBe(0);
  const { socket } = await dial("/e2b/echo", withKey, ["second"]);
  expect(activity.open).toBe(1);
  const closed = once(socket, "close");
  socket.send("end");
  await closed;
  await expect.poll(() => activity.open).toBe(0);
});
