import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { defineSandboxProxy } from "@vercel/sandbox/proxy";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import type { NetworkPolicy, NetworkRule } from "../../../../../contract/network-policy.ts";
import type { ClientResult } from "../../../../../testing/network-client.ts";
import { GOOD, NetworkBench } from "../../../../../testing/network-bench.ts";
import type { OutsideWorld } from "../../../../../testing/outside-world.ts";
import { SandboxTokens } from "./sandbox-tokens.ts";

const API = "203.0.113.9";

function policy(rules: NetworkRule[], more: string[] = []): NetworkPolicy {
  const others = more.map((domain) => ({ domain, rules: [] }));
  return { mode: "custom", domains: [{ domain: "api.example", rules }, ...others] };
}

/** Says what arrived, as the outside saw it. */
async function echo(request: IncomingMessage): Promise<string> {
  const body = await text(request);
  const { method, url, headers } = request;
  return JSON.stringify({ method, url, headers, body });
}

async function apiWorld(world: OutsideWorld): Promise<void> {
  world.name("api.example", API);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void echo(request).then((said) => response.end(said));
  };
  await world.serveHttp(API, 80, listener);
  await world.serveHttps(API, 443, { name: "api.example", listener });
}

interface Ask {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  host?: string;
}

/** Asks the API over TLS, trusting what the sandbox's files would make it trust. */
async function ask(bench: NetworkBench, { host = "api.example", ...rest }: Ask = {}) {
  const ca = await bench.networks.authorityPem();
  return bench.act({ act: "https", address: API, port: 443, host, ca, ...rest });
}

function said(result: ClientResult): {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
} {
  if (!("body" in result)) throw new Error(`no answer: ${JSON.stringify(result)}`);
  return JSON.parse(result.body);
}

const secret: NetworkRule = { transform: [{ headers: { Authorization: "Bearer secret" } }] };

describe("a transform", () => {
  test("adds headers outside of the sandbox, over TLS that the sandbox trusts", async () => {
    await using bench = await NetworkBench.make(policy([secret], ["good.example"]), apiWorld);
    const answer = said(
      await ask(bench, {
        method: "POST",
        path: "/v1/x?a=1&a=2",
        headers: { authorization: "Bearer placeholder", "x-own": "kept" },
        body: "hello",
      }),
    );
    expect(answer).toMatchObject({
      method: "POST",
      url: "/v1/x?a=1&a=2",
      headers: { authorization: "Bearer secret", "x-own": "kept", host: "api.example" },
      body: "hello",
    });
    // Other domains are not looked into: their own authority vouches for them.
    expect(
      await bench.act({
        act: "https",
        address: GOOD,
        port: 443,
        host: "good.example",
        ca: bench.world.authorityPem,
      }),
    ).toMatchObject({ status: 200 });
  });

  test("works on plain HTTP, for each request of a connection", async () => {
    await using bench = await NetworkBench.make(policy([secret]), apiWorld);
    const answer = await bench.act({ act: "http", address: API, port: 80, host: "api.example" });
    expect(said(answer).headers["authorization"]).toBe("Bearer secret");
  });

  test("goes only to the requests that its match describes, and those go as they were looked at", async () => {
    const match = { path: { startsWith: "/v1/" }, method: ["POST"] };
    await using bench = await NetworkBench.make(policy([{ ...secret, match }]), apiWorld);
    const authorization = async (asked: Ask) =>
      said(await ask(bench, asked)).headers["authorization"];
    expect(await authorization({ method: "POST", path: "/v1/x" })).toBe("Bearer secret");
    expect(await authorization({ method: "GET", path: "/v1/x" })).toBeUndefined();
    expect(await authorization({ method: "POST", path: "/v1/../admin" })).toBeUndefined();
    expect(await authorization({ method: "POST", path: "/v1/%2e%2e/admin" })).toBeUndefined();
    const sent = said(await ask(bench, { method: "POST", path: "/v2/../v1/x" }));
    expect([sent.url, sent.headers["authorization"]]).toEqual(["/v1/x", "Bearer secret"]);
  });

  test("is for the host that TLS was asked for", async () => {
    await using bench = await NetworkBench.make(policy([secret]), apiWorld);
    expect(await ask(bench, { headers: { host: "other.example" } })).toMatchObject({ status: 421 });
  });

  test("goes to nobody whose certificate does not hold", async () => {
    await using bench = await NetworkBench.make(policy([secret]), async (world) => {
      world.name("api.example", API);
      // Signed by an authority that nobody trusts.
      const { Authority } = await import("./authority.ts");
      const stranger = await Authority.open(`${world.directory}/stranger`);
      const { createServer: createHttps } = await import("node:https");
      const server = createHttps(
        {
          SNICallback: (name, done) => {
            stranger.contextFor(name).then((context) => done(null, context), done);
          },
        },
        (_request, response) => response.end("stolen"),
      );
      await world.serve(API, 443, server);
    });
    expect(await ask(bench)).toMatchObject({ status: 502 });
  });

  test("keeps its domain to HTTP: nothing else is let through beside the rules", async () => {
    await using bench = await NetworkBench.make(policy([secret]), async (world) => {
      await apiWorld(world);
      await world.serveTcp(API, 22, (socket) => socket.end("SSH-2.0-api\r\n"));
    });
    await bench.lookup("api.example");
    expect(await bench.act({ act: "tcp", address: API, port: 22 })).toEqual({ code: "ECONNRESET" });
  });
});

test("a direct response answers in the destination's stead, and rules are tried in order", async () => {
  await using bench = await NetworkBench.make(
    policy([
      { match: { path: { regex: "^/v[12]/" } }, transform: [{ headers: { "x-rule": "first" } }] },
      {
        response: {
          statusCode: 403,
          headers: { "x-denied": "yes" },
          contentType: "application/json",
          body: "{}",
        },
      },
    ]),
    apiWorld,
  );
  expect(said(await ask(bench, { path: "/v2/x" })).headers["x-rule"]).toBe("first");
  expect(await ask(bench, { path: "/v3/x", method: "POST", body: "long" })).toMatchObject({
    status: 403,
    body: "{}",
    headers: { "x-denied": "yes", "content-type": "application/json" },
  });
});

test("an expression that is not RE2's is refused before anything changes", async () => {
  await using bench = await NetworkBench.make({ mode: "allow-all" }, apiWorld);
  const broken = policy([{ ...secret, match: { path: { regex: "(?=x)" } } }]);
  await expect(bench.network.apply(broken)).rejects.toMatchObject({ code: "invalid_request" });
  expect(await bench.http(API, "api.example")).toMatchObject({ status: 200 });
});

test("rules that come to a running sandbox hold for its next request, and cut what went around them", async () => {
  await using bench = await NetworkBench.make(policy([]), apiWorld);
  const client = bench.holder.start([
    process.execPath,
    "-e",
    `const socket = require("node:net").connect(80, "${API}");
    socket.on("data", () => process.stdout.write("answered"));
    socket.on("error", (error) => { process.stdout.write(error.code); process.exit(0); });
    process.stdin.on("data", () => socket.write("GET / HTTP/1.1\\r\\nhost: api.example\\r\\n\\r\\n"));`,
  ]);
  client.stdin!.write("ask");
  expect(String((await once(client.stdout!, "data"))[0])).toBe("answered");
  const end = text(client.stdout!);
  await bench.network.apply(policy([secret]));
  expect(await end).toBe("ECONNRESET");
  expect(said(await ask(bench)).headers["authorization"]).toBe("Bearer secret");
});

test("WebSockets pass through rules", async () => {
  const sockets = new WebSocketServer({ noServer: true });
  let seen: string | undefined;
  await using bench = await NetworkBench.make(policy([secret]), async (world) => {
    world.name("api.example", API);
    const server = createServer();
    server.on("upgrade", (request, socket, head) => {
      seen = request.headers.authorization;
      sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.on("message", (data: Buffer) => opened.send(`echo ${data.toString()}`));
      });
    });
    await world.serve(API, 80, server);
  });
  const client = await bench.holder.run([
    process.execPath,
    "-e",
    `const { request } = require("node:http");
    const asked = request({ host: "${API}", headers: { host: "api.example", connection: "Upgrade",
      upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" } });
    asked.on("upgrade", (response, socket, head) => {
      const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
      socket.on("data", (data) => { process.stdout.write(response.statusCode + " " + data.subarray(2)); process.exit(0); });
      socket.write(frame);
    });
    asked.on("error", (error) => { process.stdout.write(error.code); process.exit(1); });
    asked.end();`,
  ]);
  expect(client.stdout).toBe("101 echo hi");
  expect(seen).toBe("Bearer secret");
});

describe("forwardURL", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("brings the request to the vendor's own proxy helper, which believes who sent it", async () => {
    const handler = defineSandboxProxy(async (request, meta) =>
      Response.json({
        url: request.url,
        method: request.method,
        own: request.headers.get("x-own"),
        body: await request.text(),
        meta,
      }),
    );
    let keys: unknown;
    vi.stubGlobal("fetch", async (url: string | URL) => {
      expect(String(url)).toBe("https://oidc.vercel.com/sandlot/.well-known/jwks");
      return Response.json(keys);
    });
    const proxy = createServer((request, response) => {
      void text(request)
        .then((body) =>
          handler(
            new Request(`http://${request.headers.host}${request.url}`, {
              method: request.method!,
              headers: request.headers as Record<string, string>,
              body,
            }),
          ),
        )
        .then(async (answer) => {
          response.writeHead(answer.status);
          response.end(await answer.text());
        });
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    try {
      const forwardUrl = `http://127.0.0.1:${port}/hook/`;
      await using bench = await NetworkBench.make(policy([{ forwardUrl }]), apiWorld);
      keys = (await SandboxTokens.open(bench.keysDirectory)).keys;
      const answer = await ask(bench, {
        method: "PUT",
        path: "/v1/x?q=1",
        headers: { "x-own": "kept", "vercel-forwarded-host": "lie.example" },
        body: "hello",
      });
      expect(answer).toMatchObject({ status: 200 });
      expect(said(answer)).toEqual({
        url: "https://api.example/v1/x?q=1",
        method: "PUT",
        own: "kept",
        body: "hello",
        meta: {
          host: `127.0.0.1:${port}`,
          teamId: "team_local",
          projectId: "prj_local",
          sandboxId: "sbx_test",
          sandboxName: "box",
        },
      });
    } finally {
      proxy.close();
    }
  });
});
