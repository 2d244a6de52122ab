import type { Server, Socket } from "node:net";
import { answerNotListening, type SilentPort } from "./not-listening-page.ts";

export interface PortForwarderOptions extends SilentPort {
  server: Server;
  /** Connects to what listens inside, with half-open connections allowed; undefined when nothing does. */
  dial: () => Promise<Socket | undefined>;
}

/**
 * Joins each connection that the server accepts with one to the sandbox's port,
 * byte for byte: what either side ends is ended on the other once everything has
 * arrived, and a slow reader slows the writer down. Ends with all its connections
 * and leaves the server open.
 */
export class PortForwarder implements AsyncDisposable {
  readonly #options: PortForwarderOptions;
  readonly #sockets = new Set<Socket>();
  #ended = false;

  constructor(options: PortForwarderOptions) {
    this.#options = options;
    options.server.on("connection", this.#connect);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#options.server.off("connection", this.#connect);
    for (const socket of this.#sockets) socket.destroy();
  }

  readonly #connect = (outside: Socket): void => {
    // A client that has asked and shut its half still waits for the answer.
    outside.allowHalfOpen = true;
    this.#hold(outside);
    const onEarlyError = () => outside.destroy();
    outside.on("error", onEarlyError);
    void this.#options.dial().then(
      (inside) => {
        outside.off("error", onEarlyError);
        if (inside) this.#hold(inside);
        if (this.#ended || outside.destroyed) {
          outside.destroy();
          inside?.destroy();
        } else if (inside) {
          join(outside, inside);
        } else {
          answerNotListening(outside, this.#options);
        }
      },
      () => outside.destroy(), // As if nobody had answered: the cause is the machine's (no sockets left).
    );
  };

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

/** Passes on what either socket gets to the other, to the end of each direction, and ends both together. */
export function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setNoDelay(true);
    from.pipe(to);
    // The reason needs no telling: `close` follows.
    from.on("error", () => undefined);
    from.on("close", () => {
      // Cut off in the middle: what was read before is still delivered, then the other is cut off too.
      to.destroySoon();
    });
  }
}
