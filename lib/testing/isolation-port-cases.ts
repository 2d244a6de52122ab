import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { expect } from "vitest";
import { WebSocket } from "ws";
import type { Root } from "../engine/ports.ts";
import type { IsolationBench } from "./isolation-bench.ts";
import { untilOutput } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { localHostPorts } from "./local-host-ports.ts";

const PORT = 3456;

/** A root with one exposed port, and the host's port that leads to it. */
async function exposed(
  bench: IsolationBench,
  port = PORT,
): Promise<{ root: Root; hostPort: number }> {
  const listener = await localHostPorts().listen({});
  bench.onEnd(() => listener[Symbol.asyncDispose]());
  const root = await bench.prepare({
    sandboxName: `box-${listener.port}`,
    ports: [{ port, hostPort: listener.port }],
  });
  const forward = root.forward({ port, hostPort: listener.port, server: listener.server });
  bench.onEnd(() => forward[Symbol.asyncDispose]());
  return { root, hostPort: listener.port };
}

/** Starts a Node program and waits until it says that it listens. */
async function serve(
  bench: IsolationBench,
  root: Root,
  program: string,
  env: Record<string, string> = {},
) {
  const command = await bench.start(root, ["node", "-e", program], { env });
  await untilOutput(command.directory, "listening");
  return command;
}

const LISTEN = (address = "") =>
  `.listen({ port: process.env.PORT${address && `, host: "${address}"`} }, () => console.log("listening"))`;
const HELLO = `require("http").createServer((q, s) => s.end("hello from " + q.url))`;
const ECHO = `require("net").createServer({ allowHalfOpen: true }, (s) => s.pipe(s))`;

async function open(bench: IsolationBench, port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  bench.onEnd(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

export const portCases: IsolationCases = {
  async "tells a program by PORT where to listen, and connects to it"(bench) {
    const { root, hostPort } = await exposed(bench);
    await serve(bench, root, HELLO + LISTEN());
    const response = await fetch(`http://127.0.0.1:${hostPort}/path`);
    expect([response.status, await response.text()]).toEqual([200, "hello from /path"]);
    const named = await bench.sh(root, `test "$SANDLOT_PORT_${PORT}" = "$PORT"; echo $?`);
    expect(named.stdout).toBe("0\n");
  },

  async "reaches a program that listens on one loopback address only"(bench) {
    for (const address of ["127.0.0.1", "::1"]) {
      const { root, hostPort } = await exposed(bench);
      await serve(bench, root, HELLO + LISTEN(address));
      expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toBe("hello from /");
    }
  },

  async "reaches a program that listens on the exposed port itself"(bench) {
    const free = await freePort();
    const { root, hostPort } = await exposed(bench, free);
    await serve(bench, root, HELLO + LISTEN(), { PORT: String(free) });
    expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toBe("hello from /");
  },

  async "does not expose another program's port"(bench) {
    const foreign = createHttpServer((_request, response) => response.end("not the sandbox's"));
    foreign.listen(0, "127.0.0.1");
    await once(foreign, "listening");
    bench.onEnd(() => void foreign.close());
    const { port } = foreign.address() as AddressInfo;
    const { hostPort } = await exposed(bench, port);
    for (let round = 0; round < 2; round++) {
      expect((await fetch(`http://127.0.0.1:${hostPort}/`)).status).toBe(502);
    }
  },

  async "answers a browser with a page that waits for the app"(bench) {
    const { hostPort } = await exposed(bench);
    const headers = { accept: "text/html,application/xhtml+xml" };
    const response = await fetch(`http://127.0.0.1:${hostPort}/`, { headers });
    const page = await response.text();
    expect(response.status).toBe(502);
    expect(response.headers.get("x-sandlot-error")).toBe("SANDBOX_NOT_LISTENING");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page).toContain(`Nothing listens on port ${PORT} in sandbox box-${hostPort}.`);
    expect(page).toContain("location.reload()");
    expect(page).toContain('<noscript><meta http-equiv="refresh"');
  },

  async "answers a program with JSON, also after a body, and HEAD without one"(bench) {
    const { root, hostPort } = await exposed(bench);
    const url = `http://127.0.0.1:${hostPort}/`;
    const post = await fetch(url, { method: "POST", body: "x".repeat(5_000_000) });
    expect(post.status).toBe(502);
    expect(await post.json()).toEqual({
      error: {
        code: "SANDBOX_NOT_LISTENING",
        message: `Nothing listens on port ${PORT} in sandbox box-${hostPort}.`,
      },
    });
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([502, ""]);
    await serve(bench, root, HELLO + LISTEN());
    expect((await fetch(url)).status).toBe(200);
  },

  async "hangs up on what speaks no HTTP while nothing listens"(bench) {
    const { hostPort } = await exposed(bench);
    const socket = await open(bench, hostPort);
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    expect((await buffer(socket)).length).toBe(0);
  },

  async "says again that nothing listens once the program has ended"(bench) {
    const { root, hostPort } = await exposed(bench);
    const command = await serve(bench, root, HELLO + LISTEN());
    await command.signal(15);
    await command.exited;
    expect((await fetch(`http://127.0.0.1:${hostPort}/`)).status).toBe(502);
  },

  async "carries half-open connections: the answer comes after the question's end"(bench) {
    // It would shut both halves at once, as Node makes servers by default.
    const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    bench.onEnd(() => void server.close());
    const { port: hostPort } = server.address() as AddressInfo;
    const root = await bench.prepare({ ports: [{ port: PORT, hostPort }] });
    const forward = root.forward({ port: PORT, hostPort, server });
    bench.onEnd(() => forward[Symbol.asyncDispose]());
    const program = `require("net").createServer({ allowHalfOpen: true }, async (s) => {
      let size = 0; for await (const chunk of s.iterator({ destroyOnReturn: false })) size += chunk.length;
      s.end("got " + size);
    })`;
    await serve(bench, root, program + LISTEN());
    const socket = await open(bench, hostPort);
    socket.end("x".repeat(1_000_000));
    expect(await text(socket)).toBe("got 1000000");
  },

  async "loses no byte of a large answer that is read slowly"(bench) {
    const { root, hostPort } = await exposed(bench);
    const program = `require("net").createServer((s) => {
      const chunk = Buffer.alloc(65536, 7); let left = 800;
      const send = () => { while (left-- > 0) if (!s.write(chunk)) return s.once("drain", send); s.end("tail"); };
      send();
    })`;
    await serve(bench, root, program + LISTEN());
    const socket = await open(bench, hostPort);
    const digest = createHash("sha256");
    let size = 0;
    for await (const chunk of socket) {
      size += (chunk as Buffer).length;
      digest.update(chunk as Buffer);
      await new Promise(setImmediate);
    }
    expect(size).toBe(65_536 * 800 + 4);
    const expected = createHash("sha256")
      .update(Buffer.alloc(65_536 * 800, 7))
      .update("tail");
    expect(digest.digest("hex")).toBe(expected.digest("hex"));
  },

  async "slows a sender down to its reader"(bench) {
    const { root, hostPort } = await exposed(bench);
    // Takes nothing until it is told to.
    const program = `require("net").createServer({ pauseOnConnect: true }, () => {})`;
    await serve(bench, root, program + LISTEN());
    const socket = await open(bench, hostPort);
    const chunk = Buffer.alloc(1024 * 1024);
    let taken = 0;
    // Kernel buffers of two connections take some megabytes; an endless buffer of ours would take all.
    while (taken < 200 && socket.writableLength < 16 * chunk.length) {
      socket.write(chunk, () => (taken += 1));
      await new Promise(setImmediate);
    }
    expect(taken).toBeLessThan(100);
  },

  async "cuts the inside off when the outside is cut off, and the other way round"(bench) {
    const { root, hostPort } = await exposed(bench);
    const program = `require("net").createServer((s) => { console.log("open");
      s.on("error", () => {}); s.on("close", () => console.log("closed"));
      s.on("data", (d) => d.includes("die") && s.resetAndDestroy()); })`;
    const command = await serve(bench, root, program + LISTEN());
    const one = await open(bench, hostPort);
    one.write("hello");
    await untilOutput(command.directory, "listening\nopen\n");
    one.resetAndDestroy();
    await untilOutput(command.directory, "listening\nopen\nclosed\n");
    const other = await open(bench, hostPort);
    other.on("error", () => undefined);
    other.write("die");
    await once(other.resume(), "end").catch(() => undefined);
    expect(other.readableEnded || other.destroyed).toBe(true);
  },

  async "passes WebSockets"(bench) {
    const { root, hostPort } = await exposed(bench);
    // A WebSocket server in a few lines: it greets, and sends the first frame's bytes back unmasked.
    const program = `require("http").createServer().on("upgrade", (q, s) => {
      const key = require("crypto").createHash("sha1")
        .update(q.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
      s.write("HTTP/1.1 101 Switching Protocols\\r\\nupgrade: websocket\\r\\nconnection: upgrade\\r\\nsec-websocket-accept: " + key + "\\r\\n\\r\\n");
      s.on("data", (f) => { const n = f[1] & 127, mask = f.subarray(2, 6);
        if ((f[0] & 15) === 1) s.write(Buffer.concat([Buffer.from([129, n]), f.subarray(6, 6 + n).map((b, i) => b ^ mask[i % 4])])); });
    })`;
    await serve(bench, root, program + LISTEN());
    const socket = new WebSocket(`ws://127.0.0.1:${hostPort}/`);
    bench.onEnd(() => socket.terminate());
    await once(socket, "open");
    socket.send("over the wall");
    const [message] = await once(socket, "message");
    expect(String(message)).toBe("over the wall");
  },

  async "stops forwarding and leaves the server open"(bench) {
    const listener = await localHostPorts().listen({});
    bench.onEnd(() => listener[Symbol.asyncDispose]());
    const ports = [{ port: PORT, hostPort: listener.port }];
    const root = await bench.prepare({ ports });
    const forward = root.forward({ port: PORT, hostPort: listener.port, server: listener.server });
    await serve(bench, root, ECHO + LISTEN());
    const socket = await open(bench, listener.port);
    socket.write("ping");
    expect(String((await once(socket, "data"))[0])).toBe("ping");
    await forward[Symbol.asyncDispose]();
    await once(socket, "end");
    expect(listener.server.listening).toBe(true);
    expect(listener.server.listenerCount("connection")).toBe(1); // The test's own.
  },

  async "exposes a port in the middle of a session"(bench) {
    const root = await bench.prepare();
    const listener = await localHostPorts().listen({});
    bench.onEnd(() => listener[Symbol.asyncDispose]());
    const port = await freePort();
    const forward = root.forward({ port, hostPort: listener.port, server: listener.server });
    bench.onEnd(() => forward[Symbol.asyncDispose]());
    await serve(bench, root, HELLO + LISTEN(), { PORT: String(port) });
    expect((await fetch(`http://127.0.0.1:${listener.port}/`)).status).toBe(200);
  },
};

/** A port that nothing listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
