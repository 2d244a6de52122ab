import { closeSync, constants, openSync } from "node:fs";
import { SandboxError } from "../../../../contract/errors.ts";
import { isInitAlive } from "../session/halt-session.ts";
import type { SessionInit } from "../session/raise-session.ts";

export interface HeldRootOptions {
  /** The directory on the host. */
  path: string;
  /** Why the directory cannot be opened. */
  gone: () => SandboxError;
  /** Asked once it is open: whether the path still was its own. By default it always is. */
  isOwn?: () => boolean;
}

/** Files below a directory of the host's. Held from the first use on. */
export class HeldRoot implements Disposable {
  readonly #options: HeldRootOptions;
  #descriptor: number | undefined;

  constructor(options: HeldRootOptions) {
    this.#options = options;
  }

  /** Kept open: what has the path may be another's later. */
  get descriptor(): number {
    this.#descriptor ??= this.#open();
    return this.#descriptor;
  }

  /** Takes hold of them, so that they can be read even when the session has ended. */
  hold(): void {
    void this.descriptor;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    const { path, gone, isOwn = () => true } = this.#options;
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      throw Object.assign(gone(), { cause: error });
    }
    if (isOwn()) return descriptor;
    closeSync(descriptor);
    throw gone();
  }
}

/** The root of a running session, as its processes see it. */
export function sessionRoot(init: SessionInit): HeldRoot {
  return new HeldRoot({
    path: `/proc/${init.pid}/root`,
    gone: () => new SandboxError("sandbox_stopped", "The sandbox's first process has ended."),
    // Its number may have become another process's, whose root is the host's. If it lives now, it had it all the time.
    isOwn: () => isInitAlive(init),
  });
}
