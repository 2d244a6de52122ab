import { type ChildProcess, spawn } from "node:child_process";
import { FAULTS, type FaultCode, SandboxError } from "../../../../../contract/errors.ts";
import { siblingProgram } from "../sibling-program.ts";
import type { GatewayAnswer, GatewayCall } from "./gateway-messages.ts";

// It holds sockets, not data: a small space for young objects keeps it small after a burst.
const YOUNG_MEMORY = "--max-semi-space-size=8";

/** A gateway in a process of its own, which ends with this one. */
export class GatewayProcess implements AsyncDisposable {
  /** Resolves when it is gone, for whatever reason. Never rejects. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;

  constructor({ env }: { env: Readonly<Record<string, string>> }) {
    this.#child = spawn(
      process.execPath,
      [YOUNG_MEMORY, siblingProgram(import.meta.url, "gateway-main")],
      { env: { ...env }, stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#child.on("message", (message) => this.#settle(message as GatewayAnswer));
    for (const event of ["error", "exit"] as const) {
      this.#child.once(event, () => {
        resolve();
        for (const { reject } of this.#waiting.values()) reject(gone());
        this.#waiting.clear();
      });
    }
    this.#idle();
  }

  async ask(call: GatewayCall): Promise<unknown> {
    if (!this.#child.connected) throw gone();
    const id = this.#next++;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#child.ref();
    this.#child.channel?.ref();
    this.#child.send({ id, ...call }, (error) => {
      if (error) answer.reject(gone());
    });
    try {
      return await answer.promise;
    } finally {
      this.#waiting.delete(id);
      this.#idle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.ref();
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
  }

  #settle(answer: GatewayAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if ("error" in answer) {
      const code = answer.error.code in FAULTS ? (answer.error.code as FaultCode) : "internal";
      waiting?.reject(new SandboxError(code, answer.error.message));
    } else {
      waiting?.resolve(answer.result);
    }
  }

  // An engine with nothing else to do may end.
  #idle(): void {
    if (this.#waiting.size > 0) return;
    this.#child.unref();
    this.#child.channel?.unref();
  }
}

function gone(): SandboxError {
  return new SandboxError("internal", "The gateway of the sandboxes' networks has ended.");
}
