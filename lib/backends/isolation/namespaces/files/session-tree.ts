import { closeSync, mkdirSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { SandboxError } from "../../../../contract/errors.ts";
import { notFound } from "../../confined-path.ts";
import { fileFault } from "../../file-fault.ts";
import { ownOwners } from "../../file-owners.ts";
import type {
  FileGuard,
  FileMaker,
  FileOwners,
  FileTree,
  TreeDirectories,
} from "../../file-tree-port.ts";
import { systemCode } from "../../process-faults.ts";
import { normalise } from "../../process/path-map.ts";
import type { HeldRoot } from "./held-root.ts";
import { NotADirectory, TreeWalk } from "./open-directory.ts";

/** Enough for a project's usual depth of folders; each costs a file descriptor. */
const MOST_OPEN = 64;

export interface SessionTreeOptions {
  root: HeldRoot;
  owners?: () => FileOwners;
  guard?: FileGuard;
  maker?: FileMaker;
}

/**
 * The files of a running session as its processes see them, overlays and drives
 * and all; or those of one drive.
 */
export class SessionTree implements FileTree {
  readonly guard?: FileGuard;
  readonly maker?: FileMaker;
  readonly owners: () => FileOwners;
  readonly #root: HeldRoot;

  constructor({ root, owners = () => ownOwners, guard, maker }: SessionTreeOptions) {
    this.#root = root;
    this.owners = owners;
    if (guard) this.guard = guard;
    if (maker) this.maker = maker;
  }

  toSandbox(path: string): string {
    return normalise(path);
  }

  openDirectories(options: { beforeClose?: () => Promise<void> } = {}): TreeDirectories {
    return new SessionDirectories(this, options);
  }

  async resolve(
    path: string,
    options?: { follow?: boolean },
  ): Promise<{ path: string; stats: Stats | undefined }> {
    return this.lookUp(path, options);
  }

  /** The same at once. */
  lookUp(path: string, options?: { follow?: boolean }): { path: string; stats: Stats | undefined } {
    using walk = this.walk(path);
    try {
      const { name, stats } = walk.toEntry(options);
      return { path: posix.join(walk.path, name), stats };
    } catch (error) {
      if (error instanceof NotADirectory) throw notFound(path);
      throw fileFault(error, path);
    }
  }

  walk(path: string): TreeWalk {
    return new TreeWalk(this.#root.descriptor, {
      path,
      maySearch: (stats) => this.guard?.maySearch(stats) ?? true,
    });
  }

  /** With the engine's own rights, to find out what the user's are. */
  walkUnguarded(path: string): TreeWalk {
    return new TreeWalk(this.#root.descriptor, { path, maySearch: () => true });
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
