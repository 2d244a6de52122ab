import { lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { posix } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { fileFault } from "./file-fault.ts";
import type { FileTree } from "./file-tree-port.ts";
import { findEntry } from "./find-entry.ts";
import { busy } from "./mount-point.ts";
import { systemCode } from "./process-faults.ts";
import { TreeDescent } from "./tree-descent.ts";

/** As many as are deleted before others have their turn. */
const SLICE = 100;
/** How often a directory is emptied that somebody goes on filling. */
const MOST_ROUNDS = 10;

export interface RemoveOptions {
  recursive: boolean;
  signal?: AbortSignal | undefined;
}

/** Deletes what a path names, and not what a link leads to. After a failure some of it may be gone. */
export async function removeAt(
  tree: FileTree,
  path: string,
  { recursive, signal }: RemoveOptions,
): Promise<void> {
  await using directories = tree.openDirectories();
  try {
    const entry = await findEntry(tree, directories, { path, follow: false });
    if (entry.name === ".") {
      const what = entry.path === "/" ? "the whole file system" : "a drive that is mounted there";
      throw new SandboxError("invalid_request", `"${path}" cannot be deleted: it is ${what}.`);
    }
    using descent = new TreeDescent(entry.directory);
    const removal = new Removal(tree, { path, recursive, signal });
    await removal.remove(descent, { name: Buffer.from(entry.name), path: entry.path });
  } catch (error) {
    throw fileFault(error, path);
  }
}

/** A name in a directory, and its path in the sandbox. */
interface Doomed {
  name: Buffer;
  path: string;
}

class Removal {
  readonly #tree: FileTree;
  readonly #path: string;
  readonly #recursive: boolean;
  readonly #signal: AbortSignal | undefined;
  #done = 0;

  constructor(tree: FileTree, { path, recursive, signal }: RemoveOptions & { path: string }) {
    this.#tree = tree;
    this.#path = path;
    this.#recursive = recursive;
    this.#signal = signal;
  }

  /** Deletes a name of the directory that the descent has come to. */
  async remove(descent: TreeDescent, { name, path }: Doomed): Promise<void> {
    if (++this.#done % SLICE === 0) await nextTurn();
    this.#signal?.throwIfAborted();
    const stats = lstatSync(descent.pathOf(name));
    this.#tree.guard?.mustDelete(descent.stats, () => stats);
    if (this.#tree.isMount?.(path)) throw busy();
    // A file of an overlay may have another device than its directory; where it has the same nothing is mounted.
    if (stats.isDirectory() || stats.dev !== descent.stats.dev) descent.mustBeNoMount(name);
    if (!stats.isDirectory()) {
      unlinkSync(descent.pathOf(name));
      return;
    }
    for (let round = 0; ; round++) {
      try {
        // Asked for again: the way may have come back to the directory by another descriptor.
        rmdirSync(descent.pathOf(name));
        return;
      } catch (error) {
        if (systemCode(error) !== "ENOTEMPTY" && systemCode(error) !== "EEXIST") throw error;
        if (!this.#recursive || round >= MOST_ROUNDS) throw this.#notEmpty();
      }
      await this.#empty(descent, { name, path });
    }
  }

  async #empty(descent: TreeDescent, { name, path }: Doomed): Promise<void> {
    descent.enter(name);
    try {
      this.#tree.guard?.mustRead(descent.stats);
      for (const inner of await descent.names()) {
        try {
          await this.remove(descent, { name: inner, path: pathBelow(path, inner) });
        } catch (error) {
          if (systemCode(error) !== "ENOENT") throw error; // Somebody else deleted it.
        }
      }
    } finally {
      descent.leave();
    }
  }

  #notEmpty(): SandboxError {
    const why = this.#recursive
      ? "something goes on filling a directory in it"
      : "it is a directory that is not empty; ask for it to be deleted with all in it";
    return new SandboxError("invalid_request", `"${this.#path}" was not deleted: ${why}.`);
  }
}

// Nothing is mounted further down than a path can name, and the paths of a tree without a bottom would fill the memory.
function pathBelow(path: string, name: Buffer): string {
  return path.length > LIMITS.pathLength ? path : posix.join(path, name.toString());
}
