import type { Server, Socket } from "node:net";
import type { Traffic } from "../gateway/gateway-messages.ts";
import { IngressAgent, type IngressOptions } from "./ingress-agent-process.ts";

/**
 * The ports of one session, reached from the host. The engine accepts and hands each connection to an agent
 * inside the session's network namespace, which is there only while there is something to do.
 */
export class Ingress implements AsyncDisposable {
  readonly #options: IngressOptions;
  readonly #counted: Traffic = { ingressBytes: 0, egressBytes: 0 };
  /** One that takes connections at most, and those that end what they have. */
  readonly #agents = new Set<IngressAgent>();
  #nextForward = 0;
  #ended = false;

  constructor(options: IngressOptions) {
    this.#options = options;
  }

  forward({
    port,
    sandboxName,
    server,
  }: {
    port: number;
    sandboxName: string;
    server: Server;
  }): AsyncDisposable {
    const forwardId = this.#nextForward++;
    const accept = (socket: Socket) => {
      if (this.#ended) socket.destroy();
      else this.#reachAgent().serve(socket, { order: "serve", forwardId, port, sandboxName });
    };
    server.on("connection", accept);
    return {
      [Symbol.asyncDispose]: async () => {
        server.off("connection", accept);
        for (const agent of this.#agents) agent.end(forwardId);
      },
    };
  }

  /** Never rejects: an agent that died has taken its last numbers with it. */
  async traffic(): Promise<Traffic> {
    const counts = await Promise.all([...this.#agents].map((agent) => agent.traffic()));
    const all = { ...this.#counted };
    for (const { ingressBytes, egressBytes } of counts) {
      all.ingressBytes += ingressBytes;
      all.egressBytes += egressBytes;
    }
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#agents].map((agent) => agent[Symbol.asyncDispose]()));
  }

  #reachAgent(): IngressAgent {
    const there = [...this.#agents].find((agent) => !agent.isLeaving);
    if (there) return there;
    const agent = new IngressAgent(this.#options);
    this.#agents.add(agent);
    void agent.left.then((traffic) => {
      this.#agents.delete(agent);
      this.#counted.ingressBytes += traffic.ingressBytes;
      this.#counted.egressBytes += traffic.egressBytes;
    });
    return agent;
  }
}
