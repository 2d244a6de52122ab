import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request as askHttp } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { Face } from "../engine/face.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { Activity, createApiServer } from "./api-server.ts";
import type { FaceMount } from "./face-mounts.ts";
import { listenAt, portOf } from "./listen-stably.ts";
import { TcpListener } from "./tcp-listener.ts";

// What holds while faces are loaded, and while a server ends.
const HERE = { host: "127.0.0.1", port: 0 };
const host = async () => new Response(null, { status: 404 });

function mountOf(load: () => Promise<Face>): FaceMount[] {
  return [{ name: "e2b", prefix: "/e2b", load }];
}

test("forgets a request whose caller left while its face was loaded", async () => {
  const activity = new Activity();
  const loading = Promise.withResolvers<void>();
  const loaded = Promise.withResolvers<Face>();
  const mounts = mountOf(() => {
    loading.resolve();
    return loaded.promise;
  });
  await using api = createApiServer({ mounts, host, activity });
  const port = await listenAt(api.server, HERE);
  const accepted = once(api.server, "connection");
  const caller = connect(port, "127.0.0.1");
  caller.write("GET /e2b/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const [connection] = await accepted;
  await loading.promise;
  const left = once(connection, "close");
  caller.destroy();
  await left;
  loaded.resolve({ fetch: host });
  const answer = await fetch(`http://127.0.0.1:${port}/e2b/y`);
  await answer.arrayBuffer();
  await expect.poll(() => activity.open).toBe(0);
});

test("ends with WebSockets open that it passes on", async () => {
  const app = createServer();
  const sockets = new WebSocketServer({ server: app });
  sockets.on("connection", (socket) => socket.send("hello"));
  await listenAt(app, HERE);
  const forward = { hostPort: portOf(app) };
  const face: Face = { fetch: host, connect: async () => ({ forward }) };
  const mounts = mountOf(async () => face);
  const api = createApiServer({ mounts, host, activity: new Activity() });
  const port = await listenAt(api.server, HERE);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/e2b/x`);
  await once(socket, "message");
  const closed = once(socket, "close");
  await api[Symbol.asyncDispose]();
  await closed;
  app.close();
  app.closeAllConnections();
});

test("looks at who calls until the last connection is gone", async () => {
  await using directory = await temporaryDirectory();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const face: Face = {
    admits: ({ url }) => url.endsWith("/slow"),
    fetch: () => {
      asked.resolve();
      return answer.promise;
    },
  };
  const mounts = mountOf(async () => face);
  const listener = new TcpListener({
    home: directory.path,
    serve: (guard) => createApiServer({ mounts, host, activity: new Activity(), guard }),
  });
  const url = await listener.open();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (path: string) => {
    const sent = askHttp(`${url}/e2b${path}`, { agent }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    await text(response);
    return response.statusCode;
  };
  const slow = ask("/slow");
  const next = ask("/next");
  await asked.promise;
  const ended = listener[Symbol.asyncDispose]();
  answer.resolve(new Response("done"));
  expect([await slow, await next]).toEqual([200, 401]);
  agent.destroy();
  await ended;
});
