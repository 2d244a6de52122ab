import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import { getRequestListener } from "@hono/node-server";
import { type FaceAt, type FaceMount, pathBelow } from "./face-mounts.ts";
import { faultAnswer } from "./fault-answer.ts";
import { ENDING_HEADER } from "./host-answers.ts";
import { LoadedFaces } from "./loaded-faces.ts";
import type { Refusal } from "./loopback-guard.ts";
import { refuse } from "./refuse.ts";
import { requestHead } from "./request-head.ts";
import { refuseUpgrade, SocketUpgrades } from "./socket-upgrades.ts";

type Handler = (request: Request) => Promise<Response>;

/** Why a request is not served; `at` is undefined for what is no face's. */
export type Guard = (request: IncomingMessage, at: FaceAt | undefined) => Refusal | undefined;

export interface ApiServerOptions {
  mounts: readonly FaceMount[];
  host: Handler;
  activity: Activity;
  /** For listeners that others than this user can reach. Absent: every request is served. */
  guard?: Guard;
  /** Makes it speak TLS: with which certificate for a name. Rejects for a name that is none of the server's. */
  secureContext?: (name: string) => Promise<SecureContext>;
}

/** Opens one of a daemon's servers: what they share is given already. */
export type Serve = (
  options: Pick<ApiServerOptions, "mounts" | "guard" | "secureContext">,
) => ApiServer;

/** What a daemon does right now, and whether it is about to end. */
export class Activity {
  #open = 0;
  #lastAt = Date.now();
  ending = false;

  begin(): void {
    this.#open++;
  }

  finish(): void {
    this.#open--;
    this.#lastAt = Date.now();
  }

  get open(): number {
    return this.#open;
  }

  /** Milliseconds since the last request was answered. */
  get quietMs(): number {
    return this.#open > 0 ? 0 : Date.now() - this.#lastAt;
  }
}

// For answers that are on their way when the server is told to end.
const LAST_ANSWERS_MS = 1_000;

/** Ending it gives what is being answered a moment, and closes every connection. */
export interface ApiServer extends AsyncDisposable {
  readonly server: Server;
}

/** An HTTP server for the faces, with their WebSockets, and the host's own paths. It is not listening yet. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { mounts, host, activity, guard, secureContext } = options;
  const toHost = getRequestListener(host, { hostname: "localhost" });
  const faces = new LoadedFaces(mounts);
  const refused = (request: IncomingMessage, at: FaceAt | undefined): Response | undefined => {
    const refusal = guard?.(request, at);
    if (refusal) return refuse(requestHead(request, at), refusal, at?.face);
    if (!activity.ending) return undefined;
    const message = "This engine is ending. Ask again: another one will be there.";
    const answer = refuse(requestHead(request, at), { status: 503, message }, at?.face);
    answer.headers.set(ENDING_HEADER, "1");
    answer.headers.set("connection", "close");
    return answer;
  };
  // Other upgrades (HTTP/2 in the clear, say) are offers, which a server may pass over.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === "websocket";
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? "/";
    faces.at(path, (at) => {
      // The caller left while the face was loaded: there is nobody to answer, and no end to wait for.
      if (response.destroyed) return;
      const refusal = refused(request, at);
      if (refusal) return void send(response, refusal);
      activity.begin();
      response.once("close", () => activity.finish());
      if (!at) return void toHost(request, response);
      // The face knows its vendor's paths only. Cutting here spares each request a copy.
      request.url = pathBelow(at.prefix, path);
      void at.listener(request, response);
    });
  };
  const server: Server = secureContext
    ? createTlsServer({ shouldUpgradeCallback, SNICallback: certify(secureContext) }, answer)
    : createServer({ shouldUpgradeCallback }, answer);
  const upgrades = new SocketUpgrades();
  // They are not among the connections that the server itself knows, and would hold it open.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy()); // The caller left: nobody to tell.
    faces.at(request.url ?? "/", (at) => {
      if (socket.destroyed) return;
      const refusal = refused(request, at);
      if (refusal) return void refuseUpgrade(socket, refusal);
      if (!at) return void refuseUpgrade(socket, nothingHere());
      activity.begin();
      socket.once("close", () => activity.finish());
      void upgrades.take({ request, socket, head }, at);
    });
  });
  // Uploads and blocking waits take as long as they take; clients on this machine do not stall.
  server.requestTimeout = 0;
  server.timeout = 0;
  // Longer than callers usually pause, and told to them, so that no request meets a closing door.
  server.keepAliveTimeout = 60_000;
  return {
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of upgraded) socket.destroy();
      await closeServer(server);
    },
  };
}

type NameCallback = (error: Error | null, context?: SecureContext) => void;

function certify(secureContext: NonNullable<ApiServerOptions["secureContext"]>) {
  return (name: string, done: NameCallback): void =>
    void secureContext(name).then(
      (context) => done(null, context),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearTimeout(timer);
}

function nothingHere(): Response {
  const message = "There are no WebSockets here. They are below the faces' prefixes.";
  return faultAnswer("not_found", message);
}

/** Never rejects: whoever has left is not told. */
async function send(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}
