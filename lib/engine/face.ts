import type { Route } from "../contract/sandbox.ts";
import type { Engine } from "./engine.ts";
import type { Clock, Log } from "./ports.ts";

// What a face is to the host, and what the host gives to a face. A face speaks one vendor's protocol; who listens,
// under which prefix, and which callers are let through is the host's business.

/** One vendor's protocol over the engine. Its paths are the vendor's own: the host has cut its prefix off. */
export interface Face {
  /** Answers whatever is asked, by an error's status if need be. Rejects only with the reason of the request's own signal. */
  fetch(request: Request): Promise<Response>;
  /** Asked for a WebSocket. A response refuses it; it rejects as `fetch` does. Absent: the face has none. */
  connect?(request: Request): Promise<Response | FaceSocket | SocketForward>;
  /**
   * Whether the face itself checks who asks for this, because the vendor's clients prove it by something that
   * the host does not know: a signature, a sandbox's own token. Asked only for requests without the folder's
   * token. Absent: never.
   */
  admits?(request: RequestHead): boolean;
  /**
   * Which sandbox a request names, by its name, its id or a session's: for those who look at requests from outside.
   * Undefined when it names none. Never throws.
   */
  sandboxOf?(request: RequestHead): SandboxHint | undefined;
  /** An error in the vendor's own shape, for what the host refuses in the face's stead. Absent: Sandlot's own. */
  refuse?(request: RequestHead, refusal: { status: number; message: string }): Response;
}

/** One of the ways in which a request can name a sandbox. */
export type SandboxHint = { name: string } | { id: string } | { sessionId: string };

/** A request without its body: a `Request` is one. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** A WebSocket that a face takes. */
export interface FaceSocket {
  /** Which of the offered subprotocols is taken. Absent: none. */
  readonly protocol?: string;
  /** Called once, when the connection stands. */
  open(peer: Peer): SocketHandlers;
}

/** A WebSocket that goes on to a port of a sandbox as it is. */
export interface SocketForward extends ForwardOptions {
  readonly forward: Pick<Route, "hostPort">;
}

/** The other end of a WebSocket. Nothing here throws, also when it has gone. */
export interface Peer {
  /** A string goes as a text frame, bytes as a binary one. */
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** What was sent and has not left yet: a producer waits while it is high. */
  readonly bufferedBytes: number;
  /** Resolves when `bufferedBytes` is low again, or the connection gone. */
  drained(): Promise<void>;
}

/** What a face does with a WebSocket's events. Neither may throw. */
interface SocketHandlers {
  message(data: string | Uint8Array): void;
  /** Called once, whoever closed it. */
  closed(): void;
}

/** What is changed in a request on its way to a port of a sandbox. */
export interface ForwardOptions {
  /** The Host header; absent: as the caller sent it. */
  readonly host?: string;
  /** The path with its query; absent: as it was asked for. */
  readonly path?: string;
  /** Headers that are not passed on: a token that is meant for us. */
  readonly without?: readonly string[];
}

/** What the host gives to every face. */
export interface FaceContext {
  readonly engine: Engine;
  readonly log: Log;
  /** The engine's time, which a test may move. */
  readonly clock: Clock;
  /** The URL by which this caller reaches the face, without a slash at the end: for URLs in answers. */
  publicUrl(request: RequestHead): string;
  /**
   * 64 hex digits that only this state folder knows, the same for the same purpose as long as the folder lives:
   * for keys and signatures.
   */
  secret(purpose: string): string;
  /** Passes the request on to a port of a sandbox and gives its answer, streaming both ways. Gives 502 when nothing answers. */
  forward(
    request: Request,
    route: Pick<Route, "hostPort">,
    options?: ForwardOptions,
  ): Promise<Response>;
  openPreview(request: PreviewRequest): Promise<Preview>;
}

export interface PreviewRequest {
  sandboxName: string;
  port: number;
  /**
   * Asked for every request and WebSocket before it is passed on: an answer in its stead (a refusal, a redirect
   * that sets a cookie), undefined to let it through, or what is to be changed on the way.
   */
  admit(request: RequestHead): Response | ForwardOptions | undefined;
}

/** A listener of its own on loopback for one port of one sandbox, HTTP and WebSockets. */
export interface Preview {
  /** Without a slash at the end. The same for the same face, sandbox and port while the engine lives. */
  readonly url: string;
}
