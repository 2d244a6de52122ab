import { type ChildProcess, spawn } from "node:child_process";
import type { Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import type { Server } from "node:net";
import { text } from "node:stream/consumers";
import { SandboxError } from "../../../../../contract/errors.ts";
import { siblingProgram } from "../sibling-program.ts";
import type { SessionPlace } from "../session-place.ts";
import { DNS_PORT, OUTSIDE_PORTS } from "./port-table.ts";
import { quickAgent } from "./quick-agent.ts";
import type { RouterMessage } from "./router-message.ts";
import { ROUTER_SCRIPT } from "./router-script.ts";

/** What listens in a router: the whole outside, as far as the sandbox can tell. */
export interface RouterListeners {
  servers: Server[];
  questions: DatagramSocket;
}

/** The namespace between a session's and the outside. It lives until it is closed. */
export class Router {
  /**
   * Resolves a little later than the sandbox begins to send; what it has sent by then is waiting there.
   * Undefined when the router was closed first.
   */
  readonly listeners: Promise<RouterListeners | undefined>;
  readonly #child: ChildProcess;
  readonly #received: Partial<RouterListeners> & { servers: Server[] } = { servers: [] };
  #isClosed = false;

  /**
   * Gives a session's network namespace a way out that ends at listeners of this process. Replaces what an
   * earlier one made. The ports are those of the table, and more. Throws `isolation_unavailable` when that is
   * not possible here.
   */
  static async open(place: SessionPlace, morePorts: readonly number[] = []): Promise<Router> {
    const { command, descriptors } = place.entrance({ net: false });
    const script = ["unshare", "--net", "--", "sh", "-c", ROUTER_SCRIPT, "router"];
    const slow = [process.execPath, siblingProgram(import.meta.url, "router-agent")];
    const ports = new Set([DNS_PORT, ...OUTSIDE_PORTS, ...morePorts]);
    const agent = [...quickAgent(), ...slow, ...[...ports].map(String)];
    const [program = "", ...args] = [...command, ...script, ...agent];
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe", "ipc", ...descriptors],
    });
    const router = new Router(child);
    const complaint = text(child.stderr!);
    const linked = once(child.stdout!, "data");
    const ended = once(child, "exit"); // Rejects when it could not be started.
    await Promise.race([
      linked,
      ended.then(async ([code]) => {
        throw failure(`exit code ${String(code)}: ${(await complaint).trim()}`);
      }),
    ]);
    ended.catch(() => undefined);
    return router;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.listeners = this.#receive();
    // Whoever opened it is told by `open`.
    this.listeners.catch(() => undefined);
  }

  /** Takes the way out away. */
  close(): void {
    this.#isClosed = true;
    this.#child.kill("SIGKILL");
    for (const server of this.#received.servers) server.close();
    this.#received.questions?.close();
  }

  #receive(): Promise<RouterListeners | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<RouterListeners | undefined>();
    const { servers } = this.#received;
    this.#child.on("message", (message, handle) => {
      const said = message as RouterMessage;
      if (said.kind === "tcp") {
        servers.push(handle as Server);
        if (this.#isClosed) (handle as Server).close();
        return;
      }
      const questions = handle as DatagramSocket;
      this.#received.questions = questions;
      if (this.#isClosed) questions.close();
      else resolve({ servers, questions });
      this.#child.send("thanks", () => undefined);
    });
    this.#child.once("error", reject);
    this.#child.once("exit", (code) => {
      if (this.#isClosed) resolve(undefined);
      // Without effect when it had done its work.
      else reject(failure(`its agent ended with exit code ${code}`));
    });
    return promise;
  }
}

function failure(reason: string): SandboxError {
  return new SandboxError(
    "isolation_unavailable",
    `The sandbox's network could not be connected to the outside (${reason}). \`sandlot doctor\` names what this machine lacks.`,
  );
}
