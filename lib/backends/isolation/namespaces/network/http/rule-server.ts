import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { hostName } from "../tcp/request-head.ts";
import type { Authority } from "./authority.ts";
import { fillSecrets, inHeader } from "./fill-secrets.ts";
import { headerList } from "./header-list.ts";
import { findRule } from "./rule-match.ts";
import type { RuledConnection, RuledConnections } from "./ruled-connection.ts";
import { UpstreamRequests, type UpstreamOptions } from "./upstream-requests.ts";

export interface RuleServerOptions extends UpstreamOptions {
  authority: Authority;
}

const HEAD_BYTES = 64 * 1024;

/**
 * Answers the requests of one sandbox to domains that have rules, each by the rule that speaks of it. TLS ends
 * here, by the engine's own authority, and begins anew towards the outside: what a rule adds is never inside.
 */
export class RuleServer implements RuledConnections {
  readonly #options: RuleServerOptions;
  readonly #upstream: UpstreamRequests;
  readonly #connections = new WeakMap<Duplex, RuledConnection>();
  readonly #http = createServer({ maxHeaderSize: HEAD_BYTES, requestTimeout: 0 });

  constructor(options: RuleServerOptions) {
    this.#options = options;
    this.#upstream = new UpstreamRequests(options);
    this.#http.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
    this.#http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.unshift(head);
      const response = new ServerResponse(request);
      response.assignSocket(socket as Socket);
      void this.#serve(request, response, socket);
    });
    this.#http.on("clientError", (_error, socket) => socket.destroy());
  }

  /** Serves the connection to its end. Never rejects. */
  async accept(client: Socket, connection: RuledConnection): Promise<void> {
    const socket = connection.scheme === "https" ? await this.#secure(client, connection) : client;
    if (!socket || client.destroyed) {
      client.destroy();
      return;
    }
    this.#connections.set(socket, connection);
    this.#http.emit("connection", socket);
  }

  async #secure(client: Socket, { name }: RuledConnection): Promise<TLSSocket | undefined> {
    try {
      const secureContext = await this.#options.authority.contextFor(name);
      const socket = new TLSSocket(client, {
        isServer: true,
        secureContext,
        // Rules look at requests one by one, which HTTP/1.1 has in a row.
        ALPNProtocols: ["http/1.1"],
      });
      socket.on("error", () => client.destroy());
      return socket;
    } catch {
      return undefined; // A name for which no certificate can be made is no host's.
    }
  }

  /** Never rejects: what one request holds is no other sandbox's concern. */
  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    upgraded?: Duplex,
  ): Promise<void> {
    try {
      await this.#answer(request, response, upgraded);
    } catch {
      // Node takes no header line of that kind; the client sees its connection break.
      request.socket.destroy();
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    upgraded?: Duplex,
  ): Promise<void> {
    // A client that leaves is told by `close`.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const connection = this.#connections.get(request.socket);
    const host = hostName(request.headers.host ?? "");
    if (!connection || host === undefined) return refuse(response, 400);
    if (connection.scheme === "https" && host !== connection.name) return refuse(response, 421);
    const verdict = this.#options.outside.policy.domain(host);
    if (!verdict) {
      request.socket.destroy();
      return;
    }
    // It asks the host to tell what arrived: what was added on the way would come back in.
    if (request.method === "TRACE") return refuse(response, 405);
    const url = targetOf(request, host);
    if (!url) return refuse(response, 400);
    const headers = headerList(request.rawHeaders);
    const rule = findRule(verdict.rules, {
      method: request.method ?? "",
      path: url.pathname,
      query: [...url.searchParams],
      headers,
    });
    if (rule?.response) {
      const { statusCode, headers: given, body, contentType } = rule.response;
      request.resume();
      response.writeHead(statusCode, {
        ...given,
        ...(contentType !== undefined && { "content-type": contentType }),
      });
      response.end(body);
      return;
    }
    const passing = { request, response, upgraded, headers, url, connection, host };
    // A proxy of the user's is none of the hosts that secrets go to: it gets the placeholders.
    if (rule?.forwardUrl !== undefined) return this.#upstream.forward(passing, rule.forwardUrl);
    const changes = (rule?.transform ?? []).map((transform) => transform.headers ?? {});
    return this.#upstream.pass(
      { ...passing, headers: fillSecrets(headers, verdict.secrets) },
      sendable(Object.assign({}, ...changes) as Record<string, string>),
    );
  }
}

/** Node refuses characters that are no bytes. */
function sendable(headers: Record<string, string>): Record<string, string> {
  const isBytes = (text: string) => [...text].every((character) => character.charCodeAt(0) < 256);
  return Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, isBytes(text) ? text : inHeader(text)]),
  );
}

function refuse(response: ServerResponse, statusCode: number): void {
  response.writeHead(statusCode, { connection: "close", "content-length": "0" });
  response.end();
}

// Dots are resolved before rules look at the path, and it is sent as they saw it: otherwise `/allowed/../secret`
// would be one thing here and another at the host.
function targetOf(request: IncomingMessage, host: string): URL | undefined {
  const target = request.url ?? "";
  const base = `http://${host.includes(":") ? `[${host}]` : host}`;
  if (target === "*") return URL.parse(base) ?? undefined;
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target;
  return URL.parse(`${base}${path.startsWith("/") ? "" : "/"}${path}`) ?? undefined;
}
