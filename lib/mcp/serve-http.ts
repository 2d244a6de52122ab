import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { getRequestListener } from "@hono/node-server";
import { listenAt } from "../host/listen-stably.ts";
import { refusal } from "../host/loopback-guard.ts";
import type { ListenAddress } from "../host/settings.ts";
import { createMcpServer } from "./mcp-server.ts";

const PATH = "/mcp";
/** Clients that vanish without a word leave theirs behind; the one that was used longest ago makes room. */
const MOST_SESSIONS = 64;

interface Session {
  server: McpServer;
  transport: WebStandardStreamableHTTPServerTransport;
}

export interface ServeHttpOptions {
  /** Of this machine alone. */
  address: ListenAddress;
  /** What callers must bear. */
  token: string;
}

/**
 * Serves clients on a loopback port, to whoever has the token and comes from no web page. Ends, with the calls under way, when it
 * is disposed of. Throws `engine_unavailable` when the port cannot be had.
 */
export async function serveHttp({
  address,
  token,
}: ServeHttpOptions): Promise<AsyncDisposable & { url: string }> {
  const sessions = new McpSessions();
  const listener = getRequestListener((request) => sessions.answer(request), {
    overrideGlobalObjects: false,
  });
  const server = createServer();
  // A call takes as long as what it waits for.
  server.requestTimeout = 0;
  const port = await listenAt(
    server,
    address,
    (reason) =>
      `The MCP server cannot listen at ${address.host}:${address.port} (${reason}). Name another port, or auto.`,
  );
  server.on("request", (request, response) => {
    if (!isRefused(request, response, { port, token })) void listener(request, response);
  });
  const host = address.host === "::1" ? "[::1]" : address.host;
  return {
    url: `http://${host}:${port}${PATH}`,
    async [Symbol.asyncDispose]() {
      await sessions.closeAll();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function isRefused(
  request: IncomingMessage,
  response: ServerResponse,
  { port, token }: { port: number; token: string },
): boolean {
  const refused = refusal(request.headers, { port, token });
  if (!refused && request.url?.split("?", 1)[0] === PATH) return false;
  const { status, message } = refused ?? { status: 404, message: `MCP is served at ${PATH}.` };
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", error: { code: -32_000, message }, id: null }));
  return true;
}

/** The clients that are connected, in order of their last use. */
class McpSessions {
  readonly #sessions = new Map<string, Session>();

  async answer(request: Request): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return this.#begin(request);
    const known = this.#sessions.get(id);
    if (!known) {
      // By which clients know that they have to begin again.
      const message = "This session has ended. Begin another one.";
      const error = { code: -32_001, message };
      return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
    }
    this.#sessions.delete(id);
    this.#sessions.set(id, known);
    return known.transport.handleRequest(request);
  }

  async closeAll(): Promise<void> {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(open.map(({ server }) => server.close()));
  }

  async #begin(request: Request): Promise<Response> {
    const server = createMcpServer();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => this.#keep(id, { server, transport }),
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    // It was no beginning, and the answer says so.
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  async #keep(id: string, session: Session): Promise<void> {
    this.#sessions.set(id, session);
    const [oldest] = this.#sessions;
    if (this.#sessions.size <= MOST_SESSIONS || !oldest) return;
    this.#sessions.delete(oldest[0]);
    await oldest[1].server.close();
  }
}
