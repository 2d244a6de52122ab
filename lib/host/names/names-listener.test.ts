import { once } from "node:events";
import { Agent, request as askHttps } from "node:https";
import { connect, createServer, type PeerCertificate, type TLSSocket } from "node:tls";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Authority } from "../../backends/isolation/namespaces/network/http/authority.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { accessToken } from "../access-token.ts";
import { Activity, createApiServer } from "../api-server.ts";
import { stateFolder } from "../state-folder.ts";
import { NAMES_DOMAIN, NamesListener } from "./names-listener.ts";

const KEY = "e2b_fedcba98";
const cleanup = new Cleanup();
let domain = "";
let ca = "";
let token = "";

beforeAll(async () => {
  const directory = await temporaryDirectory();
  cleanup.add(() => directory[Symbol.asyncDispose]());
  const app = createHttpServer();
  const sockets = new WebSocketServer({ server: app });
  sockets.on("connection", (socket, { headers, url }) => socket.send(`${headers.host} ${url}`));
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  cleanup.add(() => {
    for (const client of sockets.clients) client.terminate();
    app.close();
  });
  const { port } = app.address() as AddressInfo;
  const listener = new NamesListener({
    home: directory.path,
    mount: {
      name: "e2b",
      prefix: "/e2b",
      key: { header: "x-api-key", value: KEY },
      load: async () => ({
        fetch: async ({ url }) => Response.json({ url }),
        connect: async () => ({ forward: { hostPort: port } }),
      }),
    },
    serve: (options) =>
      createApiServer({
        ...options,
        host: async () => new Response("the host's own"),
        activity: new Activity(),
      }),
  });
  cleanup.add(() => listener[Symbol.asyncDispose]());
  const opened = await listener.open();
  ({ domain } = opened);
  ca = await readFile(opened.certificate, "utf8");
  token = accessToken(stateFolder(directory.path).token);
});

afterAll(() => cleanup[Symbol.asyncDispose]());

const portOf = () => Number(domain.split(":")[1]);

async function ask(
  label: string,
  headers: Record<string, string> = {},
  path = "/some/path?q=1",
): Promise<{ status: number | undefined; body: string }> {
  const host = `${label}.${domain}`;
  const sent = askHttps({
    host: "127.0.0.1",
    port: portOf(),
    path,
    ca,
    servername: host.split(":")[0],
    headers: { host, ...headers },
    agent: false,
  });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

test("serves a sandbox's ports at their names without a key: who may call them is the face's to say", async () => {
  const { status, body } = await ask("3000-abc123");
  expect({ status, ...(JSON.parse(body) as object) }).toEqual({
    status: 200,
    url: `https://3000-abc123.${domain}/some/path?q=1`,
  });
});

test("leads nobody to the host's own paths, however they are asked for", async () => {
  for (const path of ["http://localhost/sandlot/status", "https://a/sandlot/shutdown", "*"]) {
    for (const label of ["3000-abc123", "api"]) {
      const answer = await ask(label, { "x-api-key": KEY }, path);
      expect(answer).toEqual({ status: 403, body: expect.stringContaining("is no path") });
    }
  }
});

test.each([
  ["the vendor's key", () => ({ "x-api-key": KEY }), 200],
  ["the folder's token", () => ({ authorization: `Bearer ${token}` }), 200],
  ["nothing", () => ({}), 401],
  ["another key", () => ({ "x-api-key": "e2b_0" }), 401],
  ["the key from a page elsewhere", () => ({ "x-api-key": KEY, origin: "https://x.example" }), 403],
  [
    "the key from a sandbox's page",
    () => ({ "x-api-key": KEY, origin: `https://80-a.${domain}` }),
    403,
  ],
  ["the key under another name", () => ({ "x-api-key": KEY, host: "api.evil.example" }), 403],
  [
    "the key under a name without the port",
    () => ({ "x-api-key": KEY, host: `api.${NAMES_DOMAIN}` }),
    403,
  ],
])("takes %s for what it is at the API's name", async (_, headersOf, status) => {
  const headers: Record<string, string> = headersOf();
  expect((await ask("api", headers)).status).toBe(status);
});

test("passes WebSockets to a sandbox's port on", async () => {
  // Explicitly: what is looked at is the listener, not who finds it.
  const lookup: LookupFunction = (_name, _options, found) =>
    found(null, [{ address: "127.0.0.1", family: 4 }]);
  const socket = new WebSocket(`wss://8080-abc.${domain}/chat`, {
    agent: new Agent({ ca, lookup }),
  });
  const [greeting] = (await once(socket, "message")) as [Buffer];
  expect(greeting.toString()).toBe(`8080-abc.${domain} /chat`);
  socket.terminate();
});

/** How a handshake for the name ends: the names of the certificate, or the error's code. */
async function shake(port: number, servername: string, trusted: string): Promise<string> {
  const socket: TLSSocket = connect({ host: "127.0.0.1", port, servername, ca: trusted });
  try {
    await once(socket, "secureConnect");
    const certificate: PeerCertificate = socket.getPeerCertificate();
    return certificate.subjectaltname ?? "";
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    // Node has no code for some of OpenSSL's reasons.
    return error.code === "UNSPECIFIED" ? error.message : String(error.code);
  } finally {
    socket.destroy();
  }
}

test("has certificates for names of its own only", async () => {
  expect(await shake(portOf(), `1-a.${NAMES_DOMAIN}`, ca)).toBe(`DNS:1-a.${NAMES_DOMAIN}`);
  expect(await shake(portOf(), "example.com", ca)).toBe("ECONNRESET");
  expect(await shake(portOf(), `a.b.${NAMES_DOMAIN}`, ca)).toBe("ECONNRESET");
});

test("is believed about nothing else, even if its key were used for it", async () => {
  await using directory = await temporaryDirectory();
  const authority = await Authority.open(directory.path, { domain: NAMES_DOMAIN });
  const server = createServer({
    SNICallback: (name, done) =>
      void authority.contextFor(name).then(
        (context) => done(null, context),
        (error: Error) => done(error),
      ),
  });
  server.on("tlsClientError", () => undefined); // The client refuses, which is what is looked at.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    expect(await shake(port, `x.${NAMES_DOMAIN}`, authority.pem)).toBe(`DNS:x.${NAMES_DOMAIN}`);
    for (const name of ["example.com", "localhost", "note2b.localhost"]) {
      expect(await shake(port, name, authority.pem)).toBe("permitted subtree violation");
    }
  } finally {
    server.close();
  }
});
