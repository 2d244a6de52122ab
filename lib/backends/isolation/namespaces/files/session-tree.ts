import { closeSync, constants, mkdirSync, openSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { SandboxError } from "../../../../contract/errors.ts";
import { notFound } from "../../confined-path.ts";
import { fileFault } from "../../file-fault.ts";
import type { FileGuard, FileMaker, FileTree, TreeDirectories } from "../../file-tree-port.ts";
import { systemCode } from "../../process-faults.ts";
import { normalise } from "../../process/path-map.ts";
import { NotADirectory, TreeWalk } from "./open-directory.ts";

/** Enough for a project's usual depth of folders; each costs a file descriptor. */
const MOST_OPEN = 64;

export interface SessionTreeOptions {
  /** Host pid of the session's first process, which lives. */
  init: number;
  guard?: SessionGuard;
  maker?: FileMaker;
}

export interface SessionGuard extends FileGuard {
  maySearch(stats: Stats): boolean;
}

/**
 * The files of a running session as its processes see them, overlays and drives
 * and all. Holds on to them until disposed of.
 */
export class SessionTree implements FileTree, Disposable {
  readonly guard?: SessionGuard;
  readonly maker?: FileMaker;
  readonly #init: number;
  #root: number | undefined;

  constructor({ init, guard, maker }: SessionTreeOptions) {
    this.#init = init;
    if (guard) this.guard = guard;
    if (maker) this.maker = maker;
  }

  toSandbox(path: string): string {
    return normalise(path);
  }

  openDirectories(options: { beforeClose?: () => Promise<void> } = {}): TreeDirectories {
    return new SessionDirectories(this, options);
  }

  async resolve(path: string): Promise<{ path: string; stats: Stats | undefined }> {
    return this.lookUp(path);
  }

  /** The same at once. */
  lookUp(path: string): { path: string; stats: Stats | undefined } {
    using walk = this.walk(path);
    try {
      const { name, stats } = walk.toEntry();
      return { path: posix.join(walk.path, name), stats };
    } catch (error) {
      if (error instanceof NotADirectory) throw notFound(path);
      throw fileFault(error, path);
    }
  }

  walk(path: string): TreeWalk {
    return new TreeWalk(this.#open(), {
      path,
      maySearch: (stats) => this.guard?.maySearch(stats) ?? true,
    });
  }

  /** With the engine's own rights, to find out what the user's are. */
  walkUnguarded(path: string): TreeWalk {
    return new TreeWalk(this.#open(), { path, maySearch: () => true });
  }

  [Symbol.dispose](): void {
    if (this.#root !== undefined) closeSync(this.#root);
    this.#root = undefined;
  }

  /** Takes hold of them, so that they can be read even when the session has ended. */
  hold(): void {
    this.#open();
  }

  // Kept open: the pid may be another process's later.
  #open(): number {
    this.#root ??= openRoot(this.#init);
    return this.#root;
  }
}

function openRoot(init: number): number {
  try {
    return openSync(`/proc/${init}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw new SandboxError("sandbox_stopped", "The sandbox's first process has ended.", {
      cause: error,
    });
  }
}

class SessionDirectories implements TreeDirectories {
  readonly #tree: SessionTree;
  readonly #beforeClose: (() => Promise<void>) | undefined;
  readonly #open = new Map<string, number>();

  constructor(tree: SessionTree, { beforeClose }: { beforeClose?: () => Promise<void> }) {
    this.#tree = tree;
    this.#beforeClose = beforeClose;
  }

  async at(path: string, { make }: { make: boolean }): Promise<string> {
    const known = this.#open.get(path);
    if (known !== undefined) return `/proc/self/fd/${known}`;
    for (const [oldest, fd] of this.#open) {
      if (this.#open.size < MOST_OPEN) break;
      await this.#beforeClose?.();
      this.#open.delete(oldest);
      closeSync(fd);
    }
    const fd = await this.#walkTo(path, make);
    this.#open.set(path, fd);
    return `/proc/self/fd/${fd}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const fd of all) closeSync(fd);
  }

  async #walkTo(path: string, make: boolean): Promise<number> {
    using walk = this.#tree.walk(path);
    try {
      for (let name = walk.toDirectory(); name !== undefined; name = walk.toDirectory()) {
        if (!make) throw notFound(path);
        await this.#make(walk.directory, name);
        walk.again(name);
      }
    } catch (error) {
      if (!(error instanceof NotADirectory)) throw error;
      throw new SandboxError("invalid_request", `"${path}" is not a directory in the sandbox.`);
    }
    return walk.take();
  }

  async #make(parent: string, name: string): Promise<void> {
    const { maker } = this.#tree;
    try {
      if (maker) await maker.makeDirectory({ directory: parent, name }, 0o755);
      else mkdirSync(`${parent}/${name}`, 0o755);
    } catch (error) {
      // A command of the sandbox's made it at the same time.
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
}
