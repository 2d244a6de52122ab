import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Traffic } from "../gateway/gateway-messages.ts";
import type { SessionPlace } from "../session-place.ts";
import { siblingProgram } from "../sibling-program.ts";
import type { IngressOrder, IngressReport, ServeOrder } from "./ingress-messages.ts";

// It holds sockets, not data.
const YOUNG_MEMORY = "--max-semi-space-size=8";

export interface IngressOptions {
  place: SessionPlace;
  /** The variables of the agent's process. */
  env: Readonly<Record<string, string>>;
}

/** The agent that serves a session's ports, from its start until it has left. */
export class IngressAgent implements AsyncDisposable {
  /** Resolves with what it served in all when it is gone. Never rejects. */
  readonly left: Promise<Traffic>;
  readonly #child: ChildProcess;
  readonly #counts = new Map<number, (traffic: Traffic) => void>();
  /** Accepted while it was starting. */
  #early: { socket: Socket; order: ServeOrder }[] | undefined = [];
  #last: Traffic = { ingressBytes: 0, egressBytes: 0 };
  #isLeaving = false;
  #nextCount = 0;

  constructor({ place, env }: IngressOptions) {
    const { command, descriptors } = place.entrance({ net: true });
    const agent = siblingProgram(import.meta.url, "ingress-agent");
    const [program, ...args] = [...command, process.execPath, YOUNG_MEMORY, agent];
    this.#child = spawn(program ?? process.execPath, args, {
      env: { ...env },
      stdio: ["ignore", "ignore", "inherit", "ipc", ...descriptors],
    });
    const { promise, resolve } = Promise.withResolvers<Traffic>();
    this.left = promise;
    this.#child.on("message", (message) => this.#hear(message as IngressReport));
    const end = () => {
      this.#isLeaving = true;
      for (const { socket } of this.#early?.splice(0) ?? []) socket.destroy();
      for (const settle of this.#counts.values()) settle(this.#last);
      resolve(this.#last);
    };
    this.#child.once("error", end);
    this.#child.once("exit", end);
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** It takes nothing any more. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Takes the socket over. */
  serve(socket: Socket, order: ServeOrder): void {
    if (this.#early) this.#early.push({ socket, order });
    else this.#hand(socket, order);
  }

  end(forwardId: number): void {
    for (const { socket, order } of this.#early ?? []) {
      if (order.forwardId === forwardId) socket.destroy();
    }
    this.#say({ order: "end", forwardId });
  }

  /** Never rejects. */
  async traffic(): Promise<Traffic> {
    if (!this.#child.connected) return this.#last;
    const id = this.#nextCount++;
    const { promise, resolve } = Promise.withResolvers<Traffic>();
    this.#counts.set(id, resolve);
    this.#say({ order: "count", id });
    try {
      return await promise;
    } finally {
      this.#counts.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.ref();
    this.#child.kill("SIGKILL");
    await this.left;
  }

  #hear(said: IngressReport): void {
    switch (said.report) {
      case "ready": {
        const early = this.#early ?? [];
        this.#early = undefined;
        for (const { socket, order } of early) this.#hand(socket, order);
        return;
      }
      case "count":
        this.#last = said.traffic;
        this.#counts.get(said.id)?.(said.traffic);
        return;
      case "idle":
        this.#isLeaving = true;
        this.#say({ order: "leave" });
        return;
      case "left":
        this.#last = said.traffic;
        return;
    }
  }

  #hand(socket: Socket, order: ServeOrder): void {
    if (socket.destroyed) return;
    // Node would ask the agent about it before it says that the server is closed, also one that is gone.
    Reflect.set(socket, "server", null);
    // What stays here when the connection has gone over is an empty object, which counts until it is closed.
    this.#child.send(order, socket, {}, () => socket.destroy());
  }

  #say(order: IngressOrder): void {
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }
}
