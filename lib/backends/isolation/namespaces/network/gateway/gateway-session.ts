import type { Socket as DatagramSocket } from "node:dgram";
import type { Socket } from "node:net";
import { answerQuestion, type Transport } from "../dns/name-server.ts";
import { framed, readFramed } from "../dns/framed-messages.ts";
import { relayQuestion } from "../dns/relay-question.ts";
import { CompiledPolicy } from "../policy/compiled-policy.ts";
import { DNS_PORT } from "../router/port-table.ts";
import { Router, type RouterListeners } from "../router/router.ts";
import type { SessionPlace } from "../session-place.ts";
import { EgressConnection } from "../tcp/egress-connection.ts";
import type { Outside } from "../tcp/outside.ts";
import type { Traffic } from "./gateway-messages.ts";

/** More at once than programs open, and few enough that one sandbox cannot use up the gateway's descriptors. */
const CONNECTIONS = 2_048;
/** Questions that are being asked outside at one time. */
const QUESTIONS = 64;

/** The way out of one session, and what goes through it. It takes the place over. */
export class GatewaySession implements AsyncDisposable {
  readonly #place: SessionPlace;
  readonly #outside: Outside;
  readonly #morePorts: readonly number[];
  readonly #connections = new Map<Socket, EgressConnection | undefined>();
  readonly #counted: Traffic = { ingressBytes: 0, egressBytes: 0 };
  #router: Router | undefined;
  #questions = 0;

  constructor(options: {
    place: SessionPlace;
    outside: Outside;
    /** Of the outside, beside those that are always there. */
    morePorts: readonly number[];
  }) {
    this.#place = options.place;
    this.#outside = options.outside;
    this.#morePorts = options.morePorts;
  }

  /** Returns when the policy holds for everything, also for what is open. */
  async apply(policy: CompiledPolicy): Promise<void> {
    const cut = this.#outside.setPolicy(policy);
    for (const connection of this.#connections.values()) connection?.review(cut);
    // Without a way out nothing can be tried at all, and nothing waits here either.
    if (policy.mode === "deny-all") this.#shut();
    else if (!this.#router) await this.#open();
  }

  /** Makes the way out ahead of the policy that will need it. Until that is applied the present one holds. */
  async prepare(): Promise<void> {
    if (!this.#router) await this.#open();
  }

  traffic(): Traffic {
    const traffic = { ...this.#counted };
    for (const socket of this.#connections.keys()) {
      traffic.ingressBytes += socket.bytesWritten;
      traffic.egressBytes += socket.bytesRead;
    }
    return traffic;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#outside.setPolicy(new CompiledPolicy({ mode: "deny-all" }));
    this.#shut();
    this.#place[Symbol.dispose]();
  }

  #shut(): void {
    for (const socket of this.#connections.keys()) socket.resetAndDestroy();
    this.#router?.close();
    this.#router = undefined;
  }

  async #open(): Promise<void> {
    const router = await Router.open(this.#place, this.#morePorts);
    this.#router = router;
    router.listeners.then(
      (listeners) => {
        if (listeners) this.#serve(listeners);
      },
      (error: unknown) => {
        // What the sandbox sends goes nowhere; the next change of its policy tries again.
        console.error(error);
        router.close();
        if (this.#router === router) this.#router = undefined;
      },
    );
  }

  #serve({ servers, questions }: RouterListeners): void {
    for (const server of servers) server.on("connection", this.#accept);
    // What became of one answer says nothing about the next.
    questions.on("error", () => undefined);
    questions.on("message", (message, { address, port }) => {
      this.#counted.egressBytes += message.length;
      void this.#ask(message, "udp").then((answer) => {
        if (answer) this.#reply(questions, answer, { address, port });
      });
    });
  }

  #reply(
    questions: DatagramSocket,
    answer: Buffer,
    { address, port }: { address: string; port: number },
  ): void {
    // Closed meanwhile.
    if (!this.#router) return;
    this.#counted.ingressBytes += answer.length;
    // Whoever asked and does not listen any more is nobody's concern.
    questions.send(answer, port, address, () => undefined);
  }

  readonly #accept = (socket: Socket): void => {
    if (this.#connections.size >= CONNECTIONS) {
      socket.resetAndDestroy();
      return;
    }
    const isQuestion = socket.localPort === DNS_PORT;
    const connection = isQuestion ? undefined : new EgressConnection(socket, this.#outside);
    this.#connections.set(socket, connection);
    socket.once("close", () => {
      this.#connections.delete(socket);
      this.#counted.ingressBytes += socket.bytesWritten;
      this.#counted.egressBytes += socket.bytesRead;
    });
    // It tells its client by a reset itself; this is for what nobody thought of.
    if (connection) connection.serve().catch(() => socket.resetAndDestroy());
    else void this.#answerStream(socket);
  };

  async #answerStream(socket: Socket): Promise<void> {
    socket.on("error", () => undefined); // `close` follows.
    try {
      for await (const question of readFramed(socket)) {
        const answer = await this.#ask(question, "tcp");
        if (!answer) break;
        socket.write(framed(answer));
      }
    } catch {
      // The client broke off.
    }
    socket.end();
  }

  async #ask(message: Buffer, over: Transport): Promise<Buffer | undefined> {
    // A client that got no answer asks again.
    if (this.#questions >= QUESTIONS) return undefined;
    this.#questions++;
    try {
      return await answerQuestion(message, over, {
        mayResolve: (name) => this.#outside.policy.mayResolve(name),
        resolve: (name) => this.#outside.resolveForSandbox(name),
        relay: (question, transport) => relayQuestion(question, transport),
      });
    } finally {
      this.#questions--;
    }
  }
}
