import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../engine/ports.ts";
import { serveInteractive } from "../faces/vercel/interactive.ts";
import { randomText } from "../std/ids.ts";
import { MadeOnce } from "../std/made-once.ts";
import { listenAt } from "./listen-stably.ts";
import { refusal } from "./loopback-guard.ts";

// A client connects right after it asked; what lies about longer was lost.
const TICKET_MS = 60_000;
const TICKET_LENGTH = 40;
const PATH = "/interactive/";

interface Ticket {
  sessionId: string;
  expiry: NodeJS.Timeout;
}

/**
 * The listener for shells: WebSockets on a loopback port that is opened by the first one who asks. Each
 * connection needs a ticket, which is good for one session, once, for a minute.
 */
export class InteractiveServer implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #tickets = new Map<string, Ticket>();
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #listening = new MadeOnce(() => this.#listen());

  constructor({ engine, log }: { engine: Engine; log: Log }) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Shells that are open now. */
  get connections(): number {
    return this.#sockets.clients.size;
  }

  /** A URL for a shell in the session, and the ticket that its query must hold as `token`. */
  async open(sessionId: string): Promise<{ url: string; token: string }> {
    const { port } = await this.#listening.get();
    const token = randomText(TICKET_LENGTH);
    const expiry = setTimeout(() => this.#tickets.delete(token), TICKET_MS);
    expiry.unref();
    this.#tickets.set(token, { sessionId, expiry });
    return { url: `ws://127.0.0.1:${port}${PATH}${sessionId}`, token };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { expiry } of this.#tickets.values()) clearTimeout(expiry);
    this.#tickets.clear();
    for (const client of this.#sockets.clients) client.terminate();
    const listening = await this.#listening.current?.catch(() => undefined);
    if (!listening?.server.listening) return;
    const { server } = listening;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #listen(): Promise<{ server: Server; port: number }> {
    const server = createServer();
    const port = await listenAt(server, { host: "127.0.0.1", port: 0 });
    // In an embedded engine, the caller's program decides when it ends.
    server.unref();
    server.on("request", (request, response) => {
      const refused = refusal(request.headers, { port });
      const found = request.url?.split("?")[0] === "/health";
      response.writeHead(refused?.status ?? (found ? 200 : 404), {
        "content-type": "application/json",
      });
      response.end(JSON.stringify(refused ? { error: refused.message } : { ok: found }));
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, { socket, head, port }),
    );
    return { server, port };
  }

  #upgrade(
    request: IncomingMessage,
    { socket, head, port }: { socket: Duplex; head: Buffer; port: number },
  ): void {
    socket.on("error", () => socket.destroy()); // The caller left: nobody to tell.
    const refused = refusal(request.headers, { port });
    const sessionId = refused ? undefined : this.#redeem(request.url ?? "");
    if (sessionId === undefined) {
      const status = refused ? "403 Forbidden" : "401 Unauthorized";
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#log.info("a shell was opened", { sessionId });
      // It never rejects.
      void serveInteractive(webSocket, this.#engine, sessionId);
    });
  }

  /** The session that the URL's ticket is good for. The ticket is gone afterwards, whatever comes out. */
  #redeem(path: string): string | undefined {
    // Whatever came: not every path is one that could be a URL's.
    const [place = "", query] = path.split("?", 2);
    const token = new URLSearchParams(query).get("token") ?? "";
    const ticket = this.#tickets.get(token);
    if (!ticket) return undefined;
    this.#tickets.delete(token);
    clearTimeout(ticket.expiry);
    return place === `${PATH}${ticket.sessionId}` ? ticket.sessionId : undefined;
  }
}
