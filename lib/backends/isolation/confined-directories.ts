import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readlink } from "node:fs/promises";
import { posix } from "node:path";
import { SandboxError } from "../../contract/errors.ts";
import { type ConfinedTree, notFound, resolveConfined } from "./confined-path.ts";
import { ownOwners } from "./file-owners.ts";
import type { FileTree, TreeDirectories } from "./file-tree-port.ts";
import { systemCode } from "./process-faults.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const onLinux = process.platform === "linux";

/** Enough for a project's usual depth of folders; each costs a file descriptor. */
const MOST_OPEN = 64;

/**
 * Directories of a sandbox, opened and verified once and kept at hand, so that
 * what is created in them cannot land elsewhere: on Linux names are looked up
 * from the open directory, whatever a command does to the path meanwhile. Other
 * systems offer Node no such thing; there the path is used as it was verified.
 */
export class ConfinedDirectories implements TreeDirectories {
  readonly #tree: ConfinedTree;
  readonly #beforeClose: (() => Promise<void>) | undefined;
  /** By the path as asked for: what it resolved to. */
  readonly #resolved = new Map<string, string>();
  /** By the resolved path. */
  readonly #open = new Map<string, FileHandle>();

  /** `beforeClose` waits for those who still use a path that was given out. */
  constructor(tree: ConfinedTree, { beforeClose }: { beforeClose?: () => Promise<void> } = {}) {
    this.#tree = tree;
    this.#beforeClose = beforeClose;
  }

  /**
   * A host path of the directory that cannot be led astray, for one name to be appended. Valid until
   * `beforeClose` is called next. With `make`, what is missing is made; otherwise it throws `file_not_found`.
   */
  async at(path: string, { make }: { make: boolean }): Promise<string> {
    const known = this.#resolved.get(path);
    if (known !== undefined) return this.#hold(known);
    const resolved = await resolveConfined(
      this.#tree,
      path,
      make ? { make: (missing) => this.#make(missing) } : {},
    );
    if (!resolved.stats) throw notFound(path);
    if (!resolved.stats.isDirectory()) {
      throw new SandboxError("invalid_request", `"${path}" is not a directory in the sandbox.`);
    }
    this.#resolved.set(path, resolved.path);
    return this.#hold(resolved.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handles = [...this.#open.values()];
    this.#open.clear();
    for (const handle of handles) await handle.close();
  }

  async #make(path: string): Promise<void> {
    const parent = await this.#hold(posix.dirname(path));
    try {
      await mkdir(`${parent}/${posix.basename(path)}`, 0o755);
    } catch (error) {
      // A command of the sandbox's made it at the same time.
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }

  async #hold(path: string): Promise<string> {
    const hostPath = this.#tree.toHost(path);
    if (!onLinux) return hostPath;
    const handle = this.#open.get(path) ?? (await this.#verify(path, hostPath));
    return `/proc/self/fd/${handle.fd}`;
  }

  async #verify(path: string, hostPath: string): Promise<FileHandle> {
    const handle = await open(hostPath, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    // What was opened tells by itself where it is; a link that came in between shows here.
    if ((await readlink(`/proc/self/fd/${handle.fd}`)) !== hostPath) {
      await handle.close();
      throw new SandboxError(
        "path_outside_sandbox",
        `"${path}" changed while it was looked at, and led out of the sandbox.`,
      );
    }
    for (const [oldest, old] of this.#open) {
      if (this.#open.size < MOST_OPEN) break;
      await this.#beforeClose?.();
      this.#open.delete(oldest);
      await old.close();
    }
    this.#open.set(path, handle);
    return handle;
  }
}

/** The files below a directory of the host's, all of which are the caller's own. */
export function confinedFileTree(tree: ConfinedTree): FileTree {
  return {
    toSandbox: (path) => tree.toSandbox(path),
    openDirectories: (options) => new ConfinedDirectories(tree, options),
    resolve: (path, options) => resolveConfined(tree, path, options),
    isMount: (path) => tree.mounts.some((mount) => mount.path === path),
    owners: () => ownOwners,
  };
}
