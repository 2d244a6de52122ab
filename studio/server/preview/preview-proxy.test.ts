import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { PreviewProxy } from "./preview-proxy.ts";

async function app(
  listener: RequestListener,
): Promise<AsyncDisposable & { url: string; server: ReturnType<typeof createServer> }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const page =
  (body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(body);
  };

const SCRIPT = '<script src="/__sandlot/preview.js"></script>';

test.each([
  [
    "a head",
    '<!doctype html><html><head lang="x"><title>é</title>',
    '<!doctype html><html><head lang="x">' + SCRIPT + "<title>é</title>",
  ],
  ["no head", "<!doctype html><p>é", `<!doctype html>${SCRIPT}<p>é`],
  ["no doctype", "<p>", `${SCRIPT}<p>`],
  ["a header element", "<header>x</header>", `${SCRIPT}<header>x</header>`],
])("puts the script before all else into a page with %s", async (_title, html, expected) => {
  await using target = await app(page(html));
  await using proxy = await PreviewProxy.open(() => target.url);
  const answer = await fetch(`${proxy.url}/`);
  expect(await answer.text()).toBe(expected);
});

test("leaves what is no page as it is, byte for byte and with its length", async () => {
  const bytes = Buffer.from([0, 255, 60, 104, 101, 97, 100, 62]);
  await using target = await app((_request, response) => {
    response.writeHead(206, { "content-type": "image/png", "content-length": bytes.length });
    response.end(bytes);
  });
  await using proxy = await PreviewProxy.open(() => target.url);
  const answer = await fetch(`${proxy.url}/a.png?x=1`);
  expect(answer.status).toBe(206);
  expect(answer.headers.get("content-length")).toBe("8");
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
});

test("a page that is packed although nobody asked for it comes through unharmed", async () => {
  await using target = await app((_request, response) => {
    response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" });
    response.end(gzipSync("<head>packed"));
  });
  await using proxy = await PreviewProxy.open(() => target.url);
  expect(await (await fetch(proxy.url)).text()).toBe("<head>packed");
});

test("only this machine's pages may show it, whatever the app says", async () => {
  await using target = await app(
    page("<p>", {
      "x-frame-options": "DENY",
      "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    }),
  );
  await using proxy = await PreviewProxy.open(() => target.url);
  const { headers } = await fetch(proxy.url);
  expect(headers.get("x-frame-options")).toBeNull();
  expect(headers.get("content-security-policy")).toBe(
    "default-src 'self'; frame-ancestors http://localhost:* http://127.0.0.1:*",
  );
});

test("to the app requests come from its own origin, and its redirects stay in the preview", async () => {
  await using target = await app((request, response) => {
    if (request.url === "/go") {
      response.writeHead(302, { location: `http://${request.headers.host}/there` });
      return response.end();
    }
    response.end(JSON.stringify({ host: request.headers.host, origin: request.headers.origin }));
  });
  await using proxy = await PreviewProxy.open(() => target.url);
  const redirect = await fetch(`${proxy.url}/go`, { redirect: "manual" });
  expect(redirect.headers.get("location")).toBe(`${proxy.url}/there`);
  const seen = await fetch(`${proxy.url}/x`, { method: "POST", headers: { origin: proxy.url } });
  expect(await seen.json()).toEqual({ host: new URL(target.url).host, origin: target.url });
});

test("WebSockets pass both ways", async () => {
  await using target = await app(page(""));
  const sockets = new WebSocketServer({ server: target.server });
  sockets.on("connection", (socket) =>
    socket.on("message", (data: Buffer) => socket.send(`re: ${data.toString()}`)),
  );
  await using proxy = await PreviewProxy.open(() => target.url);
  const socket = new WebSocket(proxy.url.replace("http", "ws"));
  await once(socket, "open");
  expect(proxy.isLive).toBe(false);
  socket.send("hello");
  const [message] = (await once(socket, "message")) as [Buffer];
  expect(String(message)).toBe("re: hello");
  socket.terminate();
});

test.each([
  ["Vite", "/", ["vite-hmr"]],
  ["Next.js", "/_next/webpack-hmr?page=1", []],
  ["webpack", "/ws", []],
])(
  "knows that the development server of %s tells a page of changes, until it leaves",
  async (_title, path, protocols) => {
    await using target = await app(page(""));
    const sockets = new WebSocketServer({ server: target.server });
    await using proxy = await PreviewProxy.open(() => target.url);
    const connected = once(sockets, "connection");
    const socket = new WebSocket(proxy.url.replace("http", "ws") + path, protocols);
    await Promise.all([connected, once(socket, "open")]);
    expect(proxy.isLive).toBe(true);
    socket.terminate();
    await expect.poll(() => proxy.isLive).toBe(false);
  },
);

test("tells when the engine answers in the app's place, and when nobody does", async () => {
  const told: string[] = [];
  let isEngine = false;
  const target = await app((_request, response) => {
    response.writeHead(502, isEngine ? { "x-sandlot-error": "SANDBOX_NOT_LISTENING" } : {});
    response.end();
  });
  await using proxy = await PreviewProxy.open(() => target.url, {
    onSilence: () => told.push(isEngine ? "engine" : "nobody"),
  });
  // The app's own trouble is an answer.
  expect((await fetch(proxy.url)).status).toBe(502);
  expect(told).toEqual([]);
  isEngine = true;
  await fetch(proxy.url);
  isEngine = false;
  await target[Symbol.asyncDispose]();
  await fetch(proxy.url);
  expect(told).toEqual(["engine", "nobody"]);
});

test("says so when there is no app, or it does not answer, and refuses foreign names", async () => {
  let target: string | undefined;
  await using proxy = await PreviewProxy.open(() => target);
  expect((await fetch(proxy.url)).status).toBe(503);
  const gone = await app(page(""));
  target = gone.url;
  await gone[Symbol.asyncDispose]();
  expect((await fetch(proxy.url)).status).toBe(502);
  const { port } = new URL(proxy.url);
  const { request } = await import("node:http");
  const foreign = request({ port, host: "127.0.0.1", headers: { host: "evil.example" } }).end();
  const [answer] = (await once(foreign, "response")) as [{ statusCode: number; resume(): void }];
  answer.resume();
  expect(answer.statusCode).toBe(421);
});
