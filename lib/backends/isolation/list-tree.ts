import { posix } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SandboxError } from "../../contract/errors.ts";
import type { FileInfo } from "../../contract/file.ts";
import { LIMITS } from "../../contract/limits.ts";
import { fileFault } from "./file-fault.ts";
import type { FileOwners, FileTree } from "./file-tree-port.ts";
import { findEntry, lookAt } from "./find-entry.ts";
import { systemCode } from "./process-faults.ts";
import { TreeDescent } from "./tree-descent.ts";

/** As many as are looked at before others have their turn: about a millisecond's worth. */
const SLICE = 200;
/** What was deleted or changed since its directory was read, or what the user may not look into. */
const PASSED_OVER = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM"]);

export interface ListOptions {
  depth: number;
  signal?: AbortSignal | undefined;
  /** Finds out more about each; the host path is valid during the call. */
  look?: (info: FileInfo, hostPath: Buffer) => Promise<FileInfo>;
}

/** What lies below a directory, sorted by path. Directories further down that may not be looked into have nothing in them. */
export async function listTree(
  tree: FileTree,
  path: string,
  { depth, signal, look }: ListOptions,
): Promise<FileInfo[]> {
  await using directories = tree.openDirectories();
  try {
    const entry = await findEntry(tree, directories, { path, follow: true });
    const top = lookAt({ path, hostPath: entry.hostPath, owners: tree.owners() });
    if (top.type !== "directory") {
      throw new SandboxError("directory_not_found", `"${path}" is no directory in the sandbox.`);
    }
    const start = await directories.at(entry.path, { make: false });
    using descent = new TreeDescent(start);
    tree.guard?.mustRead(descent.stats);
    tree.guard?.mustSearch(descent.stats);
    const listing = new Listing(tree, { depth, asked: path, signal, ...(look && { look }) });
    await listing.read(descent, tree.toSandbox(path));
    return listing.entries.sort((one, other) => (one.path < other.path ? -1 : 1));
  } catch (error) {
    throw fileFault(error, path);
  }
}

class Listing {
  readonly entries: FileInfo[] = [];
  readonly #tree: FileTree;
  readonly #owners: FileOwners;
  readonly #depth: number;
  readonly #asked: string;
  readonly #signal: AbortSignal | undefined;
  readonly #look: ListOptions["look"];
  #looks = 0;

  constructor(tree: FileTree, { depth, asked, signal, look }: ListOptions & { asked: string }) {
    this.#tree = tree;
    this.#look = look;
    this.#owners = tree.owners();
    this.#depth = depth;
    this.#asked = asked;
    this.#signal = signal;
  }

  /** Goes through the directory that the descent has come to, and comes back to it. */
  async read(descent: TreeDescent, path: string): Promise<void> {
    for (const name of await descent.names()) {
      if (++this.#looks % SLICE === 0) await nextTurn();
      this.#signal?.throwIfAborted();
      const info = passingOver(() =>
        lookAt({
          path: posix.join(path, name.toString()),
          hostPath: descent.pathOf(name),
          owners: this.#owners,
        }),
      );
      if (!info) continue;
      const known = await this.#lookCloser(info, descent.pathOf(name));
      if (known) await this.#take(known, { descent, name });
    }
  }

  /** Undefined when it has gone meanwhile. */
  async #lookCloser(info: FileInfo, hostPath: Buffer): Promise<FileInfo | undefined> {
    if (!this.#look) return info;
    try {
      return await this.#look(info, hostPath);
    } catch (error) {
      if (PASSED_OVER.has(systemCode(error) ?? "")) return undefined;
      throw error;
    }
  }

  async #take(
    found: FileInfo,
    { descent, name }: { descent: TreeDescent; name: Buffer },
  ): Promise<void> {
    const isMount = this.#tree.isMount?.(found.path) === true;
    if (this.entries.length >= LIMITS.listedFiles) throw tooMany(this.#asked);
    const info = isMount ? await this.#mounted(found.path) : found;
    this.entries.push(info);
    // Further down no path could name what is there.
    const goesOn = descent.depth + 1 < this.#depth && info.path.length < LIMITS.pathLength;
    if (info.type !== "directory" || !goesOn || isMount) return;
    const { guard } = this.#tree;
    const entered = passingOver(() => {
      descent.enter(name);
      return true;
    });
    if (!entered) return;
    try {
      const mayLook = passingOver(() => {
        guard?.mustRead(descent.stats);
        guard?.mustSearch(descent.stats);
        return true;
      });
      if (mayLook) await this.read(descent, info.path);
    } catch (error) {
      if (!PASSED_OVER.has(systemCode(error) ?? "")) throw error;
    } finally {
      descent.leave();
    }
  }

  async #mounted(path: string): Promise<FileInfo> {
    await using directories = this.#tree.openDirectories();
    const hostPath = `${await directories.at(path, { make: false })}/.`;
    return lookAt({ path, hostPath, owners: this.#owners });
  }
}

function passingOver<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (PASSED_OVER.has(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

function tooMany(path: string): SandboxError {
  return new SandboxError(
    "too_large",
    `More than ${LIMITS.listedFiles} files are below "${path}". List fewer levels, or parts of it.`,
  );
}
