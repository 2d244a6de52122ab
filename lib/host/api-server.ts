import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { ENDING_HEADER } from "./host-answers.ts";
import type { Refusal } from "./loopback-guard.ts";
import { VERCEL_PREFIX } from "./vercel-prefix.ts";

type Handler = (request: Request) => Promise<Response>;

export interface ApiServerOptions {
  vercel: Handler;
  host: Handler;
  activity: Activity;
  /** Why a request is not served; for listeners that others than this user can reach. */
  guard?: (request: IncomingMessage) => Refusal | undefined;
}

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

/** An HTTP server for the faces and the host's own paths. It is not listening yet. */
export function createApiServer({ vercel, host, activity, guard }: ApiServerOptions): Server {
  const listeners = {
    vercel: getRequestListener(vercel, { hostname: "localhost" }),
    host: getRequestListener(host, { hostname: "localhost" }),
  };
  const server = createServer((request, response) => {
    const refused = guard?.(request);
    if (refused) return refuse(response, refused.status, refused.message);
    if (activity.ending) {
      response.setHeader(ENDING_HEADER, "1");
      response.setHeader("connection", "close");
      return refuse(response, 503, "This engine is ending. Ask again: another one will be there.");
    }
    activity.begin();
    response.once("close", () => activity.finish());
    const url = request.url ?? "/";
    if (!url.startsWith(`${VERCEL_PREFIX}/`)) return void listeners.host(request, response);
    // The face knows its vendor's paths only. Cutting here spares each request a copy.
    request.url = url.slice(VERCEL_PREFIX.length);
    void listeners.vercel(request, response);
  });
  // Uploads and blocking waits take as long as they take; clients on this machine do not stall.
  server.requestTimeout = 0;
  server.timeout = 0;
  // Longer than callers usually pause, and told to them, so that no request meets a closing door.
  server.keepAliveTimeout = 60_000;
  return server;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const codes: Record<number, string> = { 401: "unauthorized", 403: "forbidden" };
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { code: codes[status] ?? "engine_unavailable", message } }));
}
