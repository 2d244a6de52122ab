import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createProxyServer } from "httpxy";
import { isEngineAnswer } from "../../../ai/tools/ask-app.ts";
import { injectStream } from "./inject-stream.ts";
import { PREVIEW_SCRIPT, SCRIPT_PATH } from "./preview-script.ts";

const BAD_GATEWAY = 502;
const UNAVAILABLE = 503;
const MISDIRECTED = 421;
const OWN_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** Whose pages may show the app in a frame: the studio is on this machine. */
const FRAME_ANCESTORS = "frame-ancestors http://localhost:* http://127.0.0.1:*";

/**
 * A listener of 127.0.0.1 behind which one project's app is: an origin that is not the studio's, so that the app can
 * neither read the studio nor call it as if it were the user. WebSockets pass. Pages get the script that
 * reports their errors.
 */
export class PreviewProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Over which development servers tell pages what has changed. */
  readonly #live = new Set<Socket>();
  readonly #target: () => string | undefined;
  readonly #onSilence: () => void;

  private constructor(server: Server, target: () => string | undefined, onSilence: () => void) {
    this.#server = server;
    this.#target = target;
    this.#onSilence = onSilence;
  }

  /**
   * `target` is asked at each request for the app's own URL; undefined means that there is none now. `onSilence` is called
   * when a request finds no app behind it; it must not throw.
   */
  static async open(
    target: () => string | undefined,
    { onSilence = () => undefined }: { onSilence?: () => void } = {},
  ): Promise<PreviewProxy> {
    const server = createServer();
    const preview = new PreviewProxy(server, target, onSilence);
    preview.#serve();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    // The studio's own listener keeps the process, this one does not.
    server.unref();
    return preview;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Whether a page is open to which the app's own server brings each change of the files. */
  get isLive(): boolean {
    return this.#live.size > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(): void {
    const proxy = createProxyServer({ changeOrigin: true, ws: true, selfHandleResponse: true });
    proxy.on("proxyRes", (answer, request, response) => this.#answer(answer, request, response));
    proxy.on("proxyReq", (outgoing) => {
      // What is to be changed must be readable.
      outgoing.setHeader("accept-encoding", "identity");
    });
    proxy.on("proxyReqWs", (outgoing, _request, socket) => {
      // One end's going is the other's end, however it went.
      outgoing.once("upgrade", (_answer, upstream: Socket) => {
        upstream.on("error", () => upstream.destroy());
        socket.once("close", () => upstream.destroy());
        upstream.once("close", () => socket.destroy());
      });
    });
    proxy.on("error", (_error, _request, response) => {
      this.#onSilence();
      if (!response) return;
      if ("writeHead" in response) refuse(response, BAD_GATEWAY, "The app does not answer.");
      else response.destroy();
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("request", (request, response) => {
      if (!isOwnName(request)) {
        return refuse(response, MISDIRECTED, "This name does not belong to the preview.");
      }
      if (request.url === SCRIPT_PATH) return giveScript(response);
      const target = this.#target();
      if (target === undefined) {
        return refuse(response, UNAVAILABLE, "The app's sandbox is not running.");
      }
      this.#rewriteOrigin(request.headers, target);
      // Failures are told by the event "error".
      proxy.web(request, response, { target }).catch(() => response.destroy());
    });
    this.#server.on("upgrade", (request, socket: Socket, head) => {
      const target = this.#target();
      if (target === undefined || !isOwnName(request)) return void socket.destroy();
      socket.on("error", () => socket.destroy());
      if (isLiveUpdate(request)) {
        this.#live.add(socket);
        socket.once("close", () => this.#live.delete(socket));
      }
      this.#rewriteOrigin(request.headers, target);
      proxy.ws(request, socket, { target }, head).catch(() => socket.destroy());
    });
  }

  // To the app the page comes from where the app is: development servers refuse others.
  #rewriteOrigin(headers: IncomingHttpHeaders, target: string): void {
    if (headers.origin === this.url) headers.origin = new URL(target).origin;
    const { referer } = headers;
    if (referer?.startsWith(`${this.url}/`)) {
      headers.referer = new URL(target).origin + referer.slice(this.url.length);
    }
  }

  #answer(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
    const target = this.#target();
    const headers = { ...answer.headers };
    if (isEngineAnswer((header) => header in headers)) this.#onSilence();
    delete headers["x-frame-options"];
    headers["content-security-policy"] = framedPolicy(headers["content-security-policy"]);
    const { location } = headers;
    if (target !== undefined && location?.startsWith(new URL(target).origin)) {
      headers.location = this.url + location.slice(new URL(target).origin.length);
    }
    const isPage = /^text\/html\b/i.test(headers["content-type"] ?? "");
    const hasBody = request.method !== "HEAD" && answer.statusCode !== 304;
    const isReadable = !headers["content-encoding"] || headers["content-encoding"] === "identity";
    const injects = isPage && hasBody && isReadable;
    if (injects) {
      delete headers["content-length"];
      delete headers["etag"];
    }
    response.writeHead(answer.statusCode ?? BAD_GATEWAY, answer.statusMessage, headers);
    answer.on("error", () => response.destroy());
    response.on("close", () => answer.destroy());
    if (injects) answer.pipe(injectStream()).pipe(response);
    else answer.pipe(response);
  }
}

/** Whether a development server is to tell a page of changes: Vite and what is made with it, Next.js, webpack and the like. */
function isLiveUpdate({ headers, url = "" }: IncomingMessage): boolean {
  const protocol = headers["sec-websocket-protocol"] ?? "";
  return protocol.startsWith("vite-hmr") || /hmr|^\/(ws|sockjs-node)(\/|\?|$)/.test(url);
}

/** The app's own policy, but for who may frame it. */
function framedPolicy(policy: string | string[] | undefined): string {
  const parts = [policy ?? []]
    .flat()
    .flatMap((each) => each.split(";"))
    .map((each) => each.trim())
    .filter((each) => each !== "" && !each.toLowerCase().startsWith("frame-ancestors"));
  return [...parts, FRAME_ANCESTORS].join("; ");
}

// Another site's name that was made to lead here would make the app's pages readable to that site.
function isOwnName({ headers }: IncomingMessage): boolean {
  return OWN_NAMES.test(headers.host ?? "");
}

function giveScript(response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(PREVIEW_SCRIPT);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": FRAME_ANCESTORS,
  });
  response.end(`${message}\n`);
}
