import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { FaceSocket, Peer } from "../engine/face.ts";
import { type FaceAt, pathBelow } from "./face-mounts.ts";
import { forwardUpgrade } from "./forward.ts";
import { bodilessRequest } from "./request-head.ts";

// Below it a producer may go on: a few frames of output are on their way all the time.
const LOW_BYTES = 256 * 1024;
// What a face takes in one message: none of the vendors' own clients sends more.
const MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024;

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** WebSockets to the faces of one listener. */
export class SocketUpgrades {
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_LIMIT_BYTES,
    handleProtocols: (_offered, request) => this.#protocols.get(request) ?? false,
  });

  /** Asks the face and does what it says. Never rejects. `request.url` has the face's prefix still. */
  async take({ request, socket, head }: Upgrade, { face, prefix }: FaceAt): Promise<void> {
    const left = new AbortController();
    socket.once("close", () => left.abort(new Error("the caller left")));
    const asked = bodilessRequest(request, { prefix, signal: left.signal });
    try {
      const answer = (await face.connect?.(asked)) ?? noSockets(prefix);
      if (socket.destroyed) return;
      if (answer instanceof Response) return await refuseUpgrade(socket, answer);
      if ("forward" in answer) {
        const { forward, ...options } = answer;
        const path = options.path ?? pathBelow(prefix, request.url);
        forwardUpgrade(request, { socket, head, ...forward, ...options, path });
        return;
      }
      if (answer.protocol !== undefined) this.#protocols.set(request, answer.protocol);
      this.#server.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, answer));
    } catch {
      // A face rejects only when the caller has left.
      socket.destroy();
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const client of this.#server.clients) client.terminate();
  }
}

/** Answers an upgrade by what is no upgrade, and closes. Never rejects. */
export async function refuseUpgrade(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = [...response.headers, ["content-length", body.length], ["connection", "close"]];
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const { status } = response;
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n`);
  socket.end(body);
}

function noSockets(prefix: string): Response {
  const message = `There are no WebSockets below ${prefix}.`;
  return Response.json({ error: { code: "not_found", message } }, { status: 404 });
}

function serve(webSocket: WebSocket, face: FaceSocket): void {
  const waiting = new Set<() => void>();
  const release = () => {
    if (webSocket.readyState === WebSocket.OPEN && webSocket.bufferedAmount > LOW_BYTES) return;
    for (const go of waiting) go();
    waiting.clear();
  };
  const peer: Peer = {
    send(data) {
      // A frame that cannot be sent has a closed connection, which `closed` tells of.
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(data, release);
    },
    close: (code, reason) => webSocket.close(code, reason),
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
    drained() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      release();
      return promise;
    },
  };
  const handlers = face.open(peer);
  webSocket.on("message", (data: Buffer, isBinary) =>
    handlers.message(isBinary ? data : data.toString("utf8")),
  );
  webSocket.on("error", () => webSocket.terminate()); // Told by `close`.
  webSocket.once("close", () => {
    release();
    handlers.closed();
  });
}
