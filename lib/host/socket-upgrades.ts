import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { SandboxError } from "../contract/errors.ts";
import type { Face, FaceSocket, Peer, SocketForward } from "../engine/face.ts";
import { messageOf } from "../std/message-of.ts";
import { type FaceAt, pathBelow } from "./face-mounts.ts";
import { faultAnswer } from "./fault-answer.ts";
import { forwardUpgrade } from "./forward.ts";
import { bodilessRequest } from "./request-head.ts";

// Below it a producer may go on: a few frames of output are on their way all the time.
const LOW_BYTES = 256 * 1024;
// What a face takes in one message: none of the vendors' own clients sends more.
const MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024;
// RFC 6455, 5.5: 125 for the whole of it, of which the code takes two.
const REASON_LIMIT_BYTES = 123;

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
    const answer = await asked(face, request, { prefix, signal: left.signal });
    if (socket.destroyed) return;
    if (answer instanceof Response) return refuseUpgrade(socket, answer);
    if ("forward" in answer) {
      const { forward, ...options } = answer;
      const path = options.path ?? pathBelow(prefix, request.url);
      forwardUpgrade(request, { socket, head, ...forward, ...options, path });
      return;
    }
    if (answer.protocol !== undefined) this.#protocols.set(request, answer.protocol);
    try {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, answer));
    } catch {
      // The face could not open it, and an HTTP answer is too late.
      socket.destroy();
    }
  }
}

/** What the face answers. Never rejects: what went wrong is a response, too. */
async function asked(
  face: Face,
  request: IncomingMessage,
  options: { prefix: string; signal: AbortSignal },
): Promise<Response | FaceSocket | SocketForward> {
  try {
    const answer = await face.connect?.(bodilessRequest(request, options));
    return (
      answer ?? faultAnswer("not_found", `There are no WebSockets below ${options.prefix || "/"}.`)
    );
  } catch (error) {
    if (SandboxError.is(error)) return faultAnswer(error.code, error.message);
    const reason = messageOf(error);
    return faultAnswer("internal", `The WebSocket could not be opened (${reason}).`);
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

/** As much of the reason as a closing frame holds: to send more throws. */
function closeReason(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= REASON_LIMIT_BYTES) return reason;
  // A character that was cut through is left out.
  return bytes
    .subarray(0, REASON_LIMIT_BYTES)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
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
    close: (code, reason) =>
      webSocket.close(code, reason === undefined ? undefined : closeReason(reason)),
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
