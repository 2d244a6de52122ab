import { closeSync, constants, openSync } from "node:fs";
import { SandboxError } from "../../../../contract/errors.ts";

/** Files below a directory of the host's. Held from the first use on. */
export class HeldRoot implements Disposable {
  readonly #path: string;
  readonly #gone: () => SandboxError;
  #descriptor: number | undefined;

  /** `gone` says why the directory cannot be opened. */
  constructor(path: string, gone: () => SandboxError) {
    this.#path = path;
    this.#gone = gone;
  }

  /** Kept open: what has the path may be another's later. */
  get descriptor(): number {
    try {
      this.#descriptor ??= openSync(this.#path, constants.O_RDONLY | constants.O_DIRECTORY);
      return this.#descriptor;
    } catch (error) {
      throw Object.assign(this.#gone(), { cause: error });
    }
  }

  /** Takes hold of them, so that they can be read even when the session has ended. */
  hold(): void {
    void this.descriptor;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** The root of a running session, as its processes see it; `init` is the host's pid of the first, which lives. */
export function sessionRoot(init: number): HeldRoot {
  const gone = () => new SandboxError("sandbox_stopped", "The sandbox's first process has ended.");
  return new HeldRoot(`/proc/${init}/root`, gone);
}
