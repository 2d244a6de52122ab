import { request as askUpstream, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  endToEnd,
  type HeaderList,
  headerList,
  rawHeaders,
} from "../backends/isolation/namespaces/network/http/header-list.ts";
import type { ForwardOptions } from "../engine/face.ts";

interface Target {
  hostPort: number;
}

/** Passes a request of the platform's on to a port of this machine. Its answer streams; nobody there is a 502. */
export async function forwardRequest(
  request: Request,
  { hostPort }: Target,
  options: ForwardOptions = {},
): Promise<Response> {
  const url = new URL(request.url);
  const sent = askUpstream({
    host: "127.0.0.1",
    port: hostPort,
    method: request.method,
    path: options.path ?? `${url.pathname}${url.search}`,
    headers: passedOn([...request.headers], { host: url.host, ...options }),
    agent: false,
    signal: request.signal,
  });
  const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.once("response", resolve).on("error", reject);
  // A server may answer before it has read the body, and close the connection on the rest: the answer counts.
  const body = request.body ? Readable.fromWeb(request.body) : Readable.from([]);
  pipeline(body, sent).catch(reject);
  try {
    return toResponse(await answered);
  } catch (error) {
    sent.destroy();
    request.signal.throwIfAborted();
    return Response.json(unreachable(error), { status: 502 });
  }
}

/** The same between Node's own messages: what a listener passes on whole. Never rejects. */
export function forwardMessage(
  request: IncomingMessage,
  response: ServerResponse,
  { hostPort, ...options }: Target & ForwardOptions,
): void {
  const upstream = askUpstream({
    host: "127.0.0.1",
    port: hostPort,
    method: request.method,
    path: options.path ?? request.url,
    headers: passedOn(headerList(request.rawHeaders), {
      host: request.headers.host ?? "localhost",
      ...options,
    }),
    agent: false,
  });
  upstream.once("response", (answer) => {
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage,
      rawHeaders(endToEnd(headerList(answer.rawHeaders))),
    );
    // Whoever leaves ends the other side's part, too.
    pipeline(answer, response).catch(() => upstream.destroy());
  });
  upstream.on("error", (error) => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(502, { "content-type": "application/json" });
    response.end(JSON.stringify(unreachable(error)));
  });
  response.once("close", () => upstream.destroy());
  pipeline(request, upstream).catch(() => undefined); // Told by the two handlers above.
}

/**
 * Passes a WebSocket, or whatever else is asked for by an upgrade, on to a port of this machine: from the
 * request's head on, both directions go through as they are.
 */
export function forwardUpgrade(
  request: IncomingMessage,
  {
    socket,
    head,
    hostPort,
    ...options
  }: Target & ForwardOptions & { socket: Duplex; head: Buffer },
): void {
  const upstream: Socket = connect({ host: "127.0.0.1", port: hostPort, allowHalfOpen: true });
  const end = () => {
    socket.destroy();
    upstream.destroy();
  };
  socket.on("error", end).once("close", end);
  upstream.once("close", end);
  upstream.on("error", (error) => {
    if (upstream.bytesRead > 0 || socket.destroyed) return end();
    // The answer goes out whole before the connection ends.
    upstream.off("close", end);
    const body = JSON.stringify(unreachable(error));
    socket.end(
      "HTTP/1.1 502 Bad Gateway\r\ncontent-type: application/json\r\nconnection: close\r\n" +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      end,
    );
  });
  upstream.once("connect", () => {
    const host = request.headers.host ?? "localhost";
    const list = passedOn(headerList(request.rawHeaders), { host, ...options });
    const lines = headerList(list).map(([name, value]) => `${name}: ${value}`);
    lines.push("Connection: Upgrade", `Upgrade: ${request.headers.upgrade ?? "websocket"}`);
    upstream.write(
      `${request.method} ${options.path ?? request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`,
      // As they came: Node reads headers byte for byte.
      "latin1",
    );
    upstream.write(head);
    socket.pipe(upstream);
    upstream.pipe(socket);
  });
}

/** Names and values in turn, as the sandbox's program gets them. */
function passedOn(list: HeaderList, { host, without = [] }: ForwardOptions): string[] {
  const dropped = new Set(["host", ...without.map((name) => name.toLowerCase())]);
  const kept = endToEnd(list).filter(([name]) => !dropped.has(name.toLowerCase()));
  const isChunked = list.some(([name]) => name.toLowerCase() === "transfer-encoding");
  return rawHeaders([
    ["Host", host ?? "localhost"],
    ...kept,
    // Node frames a body of unknown length by itself only for methods that usually have one.
    ...(isChunked ? ([["Transfer-Encoding", "chunked"]] as const) : []),
  ]);
}

function toResponse(answer: IncomingMessage): Response {
  const headers = new Headers(
    endToEnd(headerList(answer.rawHeaders)).map(([name, value]) => [name, value]),
  );
  const status = answer.statusCode ?? 502;
  // These have no body, and `Response` takes none for them.
  const bodiless = status === 204 || status === 205 || status === 304;
  if (bodiless) answer.resume();
  const body = bodiless ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText: answer.statusMessage ?? "", headers });
}

function unreachable(error: unknown): object {
  const reason = error instanceof Error && "code" in error ? String(error.code) : "no answer";
  return {
    error: {
      code: "SANDBOX_NOT_LISTENING",
      message: `The sandbox's port does not answer (${reason}).`,
    },
  };
}
