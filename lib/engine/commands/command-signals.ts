import { constants } from "node:os";
import { SandboxError } from "../../contract/errors.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import type { Process } from "../ports.ts";

const { SIGCONT, SIGSTOP, SIGTSTP } = constants.signals;
const LAST_SIGNAL = 64;

/** Throws `invalid_request` for what is no signal. */
export function requireSignal(signal: number): void {
  if (Number.isInteger(signal) && signal >= 1 && signal <= LAST_SIGNAL) return;
  throw new SandboxError(
    "invalid_request",
    `signal: ${signal} is no signal; give a number from 1 to ${LAST_SIGNAL}.`,
  );
}

/**
 * The signals to one command, one after the other: a `CONT` must not overtake the `STOP` before it. What
 * a caller has stopped is not continued by the engine.
 */
export class CommandSignals {
  readonly #order = new KeyedMutex();
  #process: Process | undefined;
  #isStopped = false;
  /** While its session is paused: what the engine would continue then goes on with the session. */
  #held: "no" | "held" | "to continue" = "no";

  constructor(process?: Process) {
    this.#process = process;
  }

  /** From now on there is somebody to signal. */
  connect(process: Process): void {
    this.#process = process;
  }

  /** Nothing is continued before `release`. */
  hold(): void {
    if (this.#held === "no") this.#held = "held";
  }

  release(): void {
    const wasAsked = this.#held === "to continue";
    this.#held = "no";
    if (wasAsked) void this.fromEngine(SIGCONT); // Never rejects: whom it does not find needs none.
  }

  async fromCaller(signal: number): Promise<void> {
    await this.#order.run("signal", async () => {
      if (signal === SIGSTOP || signal === SIGTSTP) this.#isStopped = true;
      if (signal === SIGCONT) this.#isStopped = false;
      await this.#process?.signal(signal);
    });
  }

  async fromEngine(signal: number): Promise<void> {
    await this.#order.run("signal", async () => {
      if (signal === SIGCONT && this.#isStopped) return;
      if (signal === SIGCONT && this.#held !== "no") {
        this.#held = "to continue";
        return;
      }
      await this.#process?.signal(signal);
    });
  }
}
