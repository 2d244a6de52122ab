import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { SandboxError } from "../../contract/errors.ts";
import { systemCode } from "./process-faults.ts";

/** What path confinement needs to know of a root. */
export interface ConfinedTree {
  /** Where the file of a normalised sandbox path lies on the host, if no link is in the way. */
  toHost(path: string): string;
  /** The sandbox's path of a link's absolute target. */
  toSandbox(path: string): string;
  /** Normalised sandbox paths of directories that are links on the host by our own doing. */
  readonly mounts: readonly { path: string }[];
}

export interface ConfinedPath {
  /** The sandbox's own path, no component of which is a link. */
  path: string;
  hostPath: string;
  /** Of what is there; undefined when nothing is. */
  stats: Stats | undefined;
}

export interface ResolveOptions {
  /**
   * Makes a directory that is missing on the way, or at the end of it: called with its path, which
   * goes through no link. Without it, what is missing fails.
   */
  make?: (path: string) => Promise<void>;
  /** Whether a link at the path's end is followed, as are those on the way. Default true. */
  follow?: boolean;
}

// As Linux bounds it.
const MOST_LINKS = 40;

/**
 * Follows a path the way a process would whose `/` is the root: each link is
 * looked at and never followed by the system, an absolute target is a path of the
 * sandbox's. The last component need not exist. Throws `path_outside_sandbox` for
 * a link that climbs out, `file_not_found` when a directory on the way is missing.
 */
export async function resolveConfined(
  tree: ConfinedTree,
  path: string,
  { make, follow = true }: ResolveOptions = {},
): Promise<ConfinedPath> {
  const walk = new Walk(tree, path);
  for (let name = walk.next(); name !== undefined; name = walk.next()) {
    if (name === "..") {
      walk.climb();
      continue;
    }
    const candidate = walk.pathOf(name);
    let stats = await statOf(tree.toHost(candidate));
    if (!stats && make) {
      await make(candidate);
      stats = await statOf(tree.toHost(candidate));
    }
    // A mount's host directory was asked for right now, not the link that stands for it.
    const isFollowed = stats?.isSymbolicLink() === true && (follow || walk.hasMore);
    if (isFollowed) walk.follow(await readlink(tree.toHost(candidate)));
    else walk.enter(name, stats);
  }
  return { path: walk.path, hostPath: tree.toHost(walk.path), stats: await walk.lastStats() };
}

class Walk {
  readonly #tree: ConfinedTree;
  readonly #asked: string;
  #pending: string[];
  #done: string[] = [];
  #stats: Stats | undefined;
  #links = 0;

  constructor(tree: ConfinedTree, path: string) {
    if (path.includes("\0")) {
      throw new SandboxError("invalid_request", "A path cannot hold a NUL character.");
    }
    this.#tree = tree;
    this.#asked = path;
    this.#pending = partsOf(tree.toSandbox(path));
  }

  get path(): string {
    return `/${this.#done.join("/")}`;
  }

  get hasMore(): boolean {
    return this.#pending.length > 0;
  }

  next(): string | undefined {
    return this.#pending.shift();
  }

  pathOf(name: string): string {
    return `/${[...this.#done, name].join("/")}`;
  }

  enter(name: string, stats: Stats | undefined): void {
    if (this.hasMore && !stats?.isDirectory()) throw notFound(this.#asked);
    this.#done.push(name);
    this.#stats = stats;
  }

  climb(): void {
    if (this.#done.pop() === undefined) {
      throw new SandboxError(
        "path_outside_sandbox",
        `"${this.#asked}" leads out of the sandbox by a symbolic link. Files outside cannot be reached.`,
      );
    }
    this.#stats = undefined;
  }

  follow(target: string): void {
    this.#links += 1;
    if (this.#links > MOST_LINKS) {
      throw new SandboxError(
        "invalid_request",
        `"${this.#asked}" goes through more than ${MOST_LINKS} symbolic links, or round in a circle.`,
      );
    }
    const isAbsolute = target.startsWith("/");
    // An absolute target inside the root's own host directory was made by a command that saw that path.
    const parts = isAbsolute ? partsOf(this.#tree.toSandbox(target)) : partsOf(target);
    if (isAbsolute) this.#done = [];
    this.#pending.unshift(...parts);
    this.#stats = undefined;
  }

  async lastStats(): Promise<Stats | undefined> {
    return this.#stats ?? statOf(this.#tree.toHost(this.path));
  }
}

export function notFound(path: string): SandboxError {
  return new SandboxError("file_not_found", `There is no file "${path}" in the sandbox.`);
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

async function statOf(hostPath: string): Promise<Stats | undefined> {
  try {
    return await lstat(hostPath);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ENAMETOOLONG") {
      throw new SandboxError(
        "invalid_request",
        "A part of the path is longer than a file name can be.",
      );
    }
    throw error;
  }
}
