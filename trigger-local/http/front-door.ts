import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** What an HTTP/2 client without TLS says first. */
const HTTP2_PREFACE = "PRI";

export interface FrontDoor extends AsyncDisposable {
  readonly port: number;
  /** Answers HTTP/1.1. */
  readonly http: HttpServer;
}

export interface FrontDoorOptions {
  /** 0 takes a free one. */
  port: number;
  onHttp2Stream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
}

/**
 * Listens on one loopback port for both versions of HTTP, as the API and S2 have one address to the SDK, which
 * speaks to the one in HTTP/1.1 and to the other in HTTP/2. Throws when the port is taken.
 */
export async function openFrontDoor({ port, onHttp2Stream }: FrontDoorOptions): Promise<FrontDoor> {
  const http = createHttpServer();
  // Long polls and uploads take as long as they take.
  http.requestTimeout = 0;
  http.timeout = 0;
  // Longer than callers usually pause, so that no request meets a closing door.
  http.keepAliveTimeout = 60_000;
  const http2 = createHttp2Server();
  const sessions = new Set<Http2Session>();
  http2.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  http2.on("stream", onHttp2Stream);
  const sockets = new Set<Socket>();
  const door = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Whoever leaves before it has said anything leaves nothing to do.
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first = socket.read();
      if (!Buffer.isBuffer(first)) return;
      socket.unshift(first);
      const isHttp2 = first.subarray(0, HTTP2_PREFACE.length).toString() === HTTP2_PREFACE;
      (isHttp2 ? http2 : http).emit("connection", socket);
    });
  });
  door.listen({ host: "127.0.0.1", port });
  try {
    await once(door, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The platform cannot listen on port ${port} (${reason}). Name another one with --port.`,
      { cause: error },
    );
  }
  return {
    http,
    port: (door.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(door, "close");
      door.close();
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
