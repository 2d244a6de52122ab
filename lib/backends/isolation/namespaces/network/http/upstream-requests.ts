import {
  Agent as HttpAgent,
  type ClientRequestArgs,
  type IncomingMessage,
  request as requestHttp,
  type RequestOptions,
  type ServerResponse,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { endToEnd, type HeaderList, headerList, rawHeaders, withHeaders } from "./header-list.ts";
import type { Outside } from "../tcp/outside.ts";
import type { RuledConnection } from "./ruled-connection.ts";
import type { SandboxTokens, TokenSubject } from "./sandbox-tokens.ts";

export interface UpstreamOptions {
  outside: Outside;
  tokens: () => Promise<SandboxTokens>;
  subject: TokenSubject;
}

/** A request on its way through. */
export interface Passing {
  request: IncomingMessage;
  response: ServerResponse;
  /** Present when the client wants to leave HTTP, as for a WebSocket. */
  upgraded: Duplex | undefined;
  headers: HeaderList;
  /** The path and query that are asked for; its host is the plain one. */
  url: URL;
  connection: RuledConnection;
  host: string;
}

const CONNECT_FAILED = 502;

/** The requests of one sandbox that leave, to where they were meant to go or to a proxy of the user's. */
export class UpstreamRequests {
  readonly #options: UpstreamOptions;
  readonly #agents: { http: HttpAgent; https: HttpsAgent };

  constructor(options: UpstreamOptions) {
    this.#options = options;
    const dial = (name: string, port: number) =>
      options.outside.dialName(name, { address: "", port });
    this.#agents = { http: new DiallingHttpAgent(dial), https: new DiallingHttpsAgent(dial) };
  }

  /** To the host that was asked for, with the headers changed. Never rejects. */
  async pass(passing: Passing, changes: Readonly<Record<string, string>>): Promise<void> {
    const { connection, host, url, headers } = passing;
    await exchange(passing, connection.scheme, {
      agent: this.#agents[connection.scheme],
      host,
      servername: host,
      port: connection.asked.port,
      path: url.pathname + url.search,
      headers: rawHeaders(withHeaders(endToEnd(headers), changes)),
    });
  }

  /**
   * To the URL of a rule, below which the path that was asked for is appended, as the vendor's
   * `defineSandboxProxy` takes it. The rule names the place, so it may also be on this machine. Never rejects.
   */
  async forward(passing: Passing, forwardUrl: string): Promise<void> {
    const { connection, host, url, headers } = passing;
    const target = new URL(forwardUrl);
    const path = url.pathname + url.search;
    const tokens = await this.#options.tokens();
    await exchange(passing, target.protocol === "http:" ? "http" : "https", {
      host: target.hostname.replace(/^\[|\]$/g, ""),
      ...(target.port !== "" && { port: Number(target.port) }),
      path: target.pathname.replace(/\/+$/, "") + path,
      headers: rawHeaders(
        withHeaders(endToEnd(headers), {
          host: target.host,
          "vercel-forwarded-host": host,
          "vercel-forwarded-scheme": connection.scheme,
          "vercel-forwarded-port": String(connection.asked.port),
          "vercel-forwarded-path": path,
          "vercel-sandbox-oidc-token": tokens.token(this.#options.subject, target),
        }),
      ),
    });
  }
}

async function exchange(
  { request, response, upgraded }: Passing,
  scheme: "http" | "https",
  options: RequestOptions & { servername?: string; headers: string[] },
): Promise<void> {
  const asUpgrade = upgraded ? ["connection", "upgrade", "upgrade", request.headers.upgrade!] : [];
  const outgoing = (scheme === "http" ? requestHttp : requestHttps)({
    ...options,
    method: request.method ?? "GET",
    setHost: false,
    headers: [...options.headers, ...asUpgrade, ...bodyHeaders(request, options.headers)],
  });
  // A client that leaves takes its request along.
  response.once("close", () => outgoing.destroy());
  outgoing.on("upgrade", (answer, socket, head) => {
    if (!upgraded) return socket.destroy();
    response.detachSocket(upgraded as Socket);
    splice(upgraded, socket, { answer, head });
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
  });
  const failed = (error: unknown) => fail(response, error);
  if (upgraded) outgoing.end();
  else pipeline(request, outgoing).catch(() => undefined); // The answer, or its lack, says it.
  try {
    const answer = await answered;
    response.writeHead(
      answer.statusCode ?? CONNECT_FAILED,
      answer.statusMessage ?? "",
      rawHeaders(endToEnd(headerList(answer.rawHeaders))),
    );
    // Headers may be all that comes for a while.
    response.flushHeaders();
    await pipeline(answer, response);
  } catch (error) {
    failed(error);
  }
}

// How long the body is was said to this connection; the next one must be told in its own words.
function bodyHeaders({ headers }: IncomingMessage, kept: readonly string[]): string[] {
  const hasLength = kept.some(
    (name, index) => index % 2 === 0 && name.toLowerCase() === "content-length",
  );
  return headers["transfer-encoding"] !== undefined && !hasLength
    ? ["transfer-encoding", "chunked"]
    : [];
}

// The request failed on the way; half an answer must not look like a whole one.
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "unreachable";
  response.writeHead(CONNECT_FAILED, { "content-type": "text/plain", connection: "close" });
  response.end(`The host did not answer (${code}).\n`);
}

function splice(
  inside: Duplex,
  outside: Duplex,
  { answer, head }: { answer: IncomingMessage; head: Buffer },
): void {
  const lines = headerList(answer.rawHeaders).map(([name, value]) => `${name}: ${value}`);
  inside.write(
    [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`, ...lines, "", ""].join("\r\n"),
  );
  if (head.length > 0) inside.write(head);
  for (const [from, to] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

type Dial = (name: string, port: number) => Promise<Socket | undefined>;

/** Connections only by way of the policy. */
class DiallingHttpAgent extends HttpAgent {
  readonly #dial: Dial;

  constructor(dial: Dial) {
    super({ keepAlive: true });
    this.#dial = dial;
  }

  override createConnection(
    options: ClientRequestArgs,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void dialled(this.#dial, options).then(
      (socket) => done?.(null, socket),
      (error: unknown) => done?.(asError(error), new Duplex()),
    );
    return undefined;
  }
}

class DiallingHttpsAgent extends HttpsAgent {
  readonly #dial: Dial;

  constructor(dial: Dial) {
    super({ keepAlive: true });
    this.#dial = dial;
  }

  override createConnection(
    options: RequestOptions,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void dialled(this.#dial, options).then(
      (socket) => {
        const servername = String(options.host);
        done?.(null, connectTls({ socket, servername, ALPNProtocols: ["http/1.1"] }));
      },
      (error: unknown) => done?.(asError(error), new Duplex()),
    );
    return undefined;
  }
}

async function dialled(dial: Dial, { host, port }: ClientRequestArgs): Promise<Socket> {
  const socket = await dial(String(host), Number(port));
  if (!socket) throw Object.assign(new Error("nobody answers"), { code: "EHOSTUNREACH" });
  return socket;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
