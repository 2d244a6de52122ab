import { type Stats, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { FileEvent, FileInfo, FileMetadata } from "../../contract/file.ts";
import type {
  ByteRange,
  FileAccess,
  FileEntry,
  FilePermissions,
  RootFiles,
} from "../../engine/root-files.ts";
import type { FileTree } from "./file-tree-port.ts";
import { fileFault } from "./file-fault.ts";
import type { MetadataProcess } from "./file-metadata.ts";
import { watchFiles } from "./file-watch.ts";
import { writeEntry } from "./file-writer.ts";
import { describe, findEntry, lookAt } from "./find-entry.ts";
import { listTree } from "./list-tree.ts";
import { makeDirectory } from "./make-directory.ts";
import { moveEntry } from "./move-entry.ts";
import { openNode } from "./open-node.ts";
import { OpenTrees } from "./open-trees.ts";
import { systemCode } from "./process-faults.ts";
import { readFile } from "./read-file.ts";
import { removeAt } from "./remove-tree.ts";
import { WriteLanes } from "./write-lanes.ts";

/** A sandbox's files as each user reaches them. Root is absent where there are no users. */
export interface FileTrees {
  user: FileTree;
  root?: FileTree;
  /** With root's rights, but what is made is the default user's. */
  rootForUser?: FileTree;
}

/**
 * A directory of the host's as a sandbox's files. What is written over keeps its
 * inode: watchers see a change and no new file, and other names of it change too.
 */
export class ConfinedFiles implements RootFiles {
  readonly #trees: FileTrees;
  readonly #metadata: MetadataProcess;

  constructor(trees: FileTrees, metadata: MetadataProcess) {
    this.#trees = trees;
    this.#metadata = metadata;
  }

  async write(
    entries: AsyncIterable<FileEntry>,
    { sudo = false, signal, inform = false }: FileAccess & { inform?: boolean } = {},
  ): Promise<FileInfo[]> {
    const lanes = new WriteLanes();
    await using opened = new OpenTrees(() => lanes.settle());
    const infos: FileInfo[] = [];
    let count = 0;
    try {
      for await (const entry of entries) {
        signal?.throwIfAborted();
        const tree = this.#treeFor(entry, sudo);
        const index = count++;
        const job = { tree, directories: opened.of(tree), lanes, signal };
        await writeEntry(entry, job, async (hostPath, { isNew }) => {
          const { metadata } = entry;
          const hasNone = metadata && Object.keys(metadata).length === 0;
          if (metadata && !(isNew && hasNone)) await this.#bear(tree, hostPath, metadata);
          if (!inform) return;
          const path = tree.toSandbox(entry.path);
          const info = lookAt({ path, hostPath, owners: opened.ownersOf(tree) });
          infos[index] = entry.metadata ? { ...info, metadata: entry.metadata } : info;
        });
      }
      await lanes.drain();
    } finally {
      await lanes.settle();
    }
    return infos;
  }

  async read(
    path: string,
    { sudo, ...range }: FileAccess & ByteRange = {},
  ): Promise<{ size: number; content: Readable }> {
    return readFile(this.#as(sudo), path, range);
  }

  async makeDirectory(
    path: string,
    { recursive, mode, sudo }: FileAccess & { recursive: boolean; mode?: number },
  ): Promise<{ created: boolean }> {
    return makeDirectory(this.#as(sudo), path, { recursive, mode });
  }

  async stat(
    path: string,
    { sudo, metadata = false }: FileAccess & { metadata?: boolean } = {},
  ): Promise<FileInfo> {
    const tree = this.#as(sudo);
    await using directories = tree.openDirectories();
    try {
      const { hostPath } = await findEntry(tree, directories, { path, follow: false });
      const info = lookAt({ path: tree.toSandbox(path), hostPath, owners: tree.owners() });
      return metadata ? await this.#withMetadata(tree, info, hostPath) : info;
    } catch (error) {
      throw fileFault(error, path);
    }
  }

  async list(
    path: string,
    { sudo, depth, signal, metadata = false }: FileAccess & { depth: number; metadata?: boolean },
  ): Promise<FileInfo[]> {
    const tree = this.#as(sudo);
    const look = (info: FileInfo, hostPath: Buffer) => this.#withMetadata(tree, info, hostPath);
    return listTree(tree, path, { depth, signal, ...(metadata && { look }) });
  }

  async move(
    source: string,
    destination: string,
    { sudo }: FileAccess = {},
  ): Promise<{ moved: boolean }> {
    return moveEntry(this.#as(sudo), source, destination);
  }

  async remove(
    path: string,
    { sudo, recursive, signal }: FileAccess & { recursive: boolean },
  ): Promise<void> {
    await removeAt(this.#as(sudo), path, { recursive, signal });
  }

  async setPermissions(
    path: string,
    { mode, owner, group, sudo }: FilePermissions & FileAccess,
  ): Promise<FileInfo> {
    const tree = this.#as(sudo);
    await using directories = tree.openDirectories();
    try {
      const { hostPath } = await findEntry(tree, directories, { path, follow: true });
      const owners = tree.owners();
      const given = owners.hostIds({ owner, group });
      using node = openNode(hostPath);
      const { uid, gid } = node.stats;
      if (given.uid !== undefined || given.gid !== undefined) {
        tree.guard?.mustGive(node.stats, given);
        node.chown({ uid: given.uid ?? uid, gid: given.gid ?? gid });
      }
      if (mode !== undefined) {
        tree.guard?.mustOwn(node.stats);
        node.chmod(mode & 0o7777);
      }
      return describe(statSync(node.path), { path: tree.toSandbox(path), owners });
    } catch (error) {
      throw fileFault(error, path);
    }
  }

  async setMetadata(
    path: string,
    metadata: FileMetadata,
    { sudo }: FileAccess = {},
  ): Promise<FileInfo> {
    const tree = this.#as(sudo);
    await using directories = tree.openDirectories();
    try {
      const { hostPath } = await findEntry(tree, directories, { path, follow: true });
      await this.#bear(tree, hostPath, metadata);
      const info = lookAt({ path: tree.toSandbox(path), hostPath, owners: tree.owners() });
      return await this.#withMetadata(tree, info, hostPath);
    } catch (error) {
      throw fileFault(error, path);
    }
  }

  watch(
    path: string,
    { sudo, recursive, signal }: FileAccess & { recursive: boolean },
  ): AsyncGenerator<FileEvent, void, void> {
    return watchFiles(this.#as(sudo), path, { recursive, signal });
  }

  async #bear(tree: FileTree, hostPath: string, metadata: FileMetadata): Promise<void> {
    using node = openNode(hostPath);
    if (!node.stats.isFile() && !node.stats.isDirectory()) {
      throw new SandboxError("invalid_request", "Only files and directories bear metadata.");
    }
    if (tree.guard?.mayWrite(node.stats) === false) {
      throw Object.assign(new Error("permission denied"), { code: "EACCES" });
    }
    await this.#metadata.write(node, metadata);
  }

  async #withMetadata(
    tree: FileTree,
    info: FileInfo,
    hostPath: string | Buffer,
  ): Promise<FileInfo> {
    if (info.type !== "file" && info.type !== "directory") return info;
    using node = openNode(hostPath);
    if (!mayRead(tree, node.stats)) return info;
    const metadata = await this.#metadata.read(node);
    return Object.keys(metadata).length === 0 ? info : { ...info, metadata };
  }

  #as(sudo = false): FileTree {
    if (!sudo) return this.#trees.user;
    return this.#trees.root ?? unsupportedRoot();
  }

  #treeFor({ owner, path }: FileEntry, sudo: boolean): FileTree {
    if (owner === "root" && !sudo) {
      throw new SandboxError(
        "invalid_request",
        `"${path}" cannot be given to root by the sandbox's default user: ask for it with \`sudo\`.`,
      );
    }
    if (owner === "default" && sudo) return this.#trees.rootForUser ?? unsupportedRoot();
    return this.#as(sudo);
  }
}

function mayRead({ guard }: FileTree, stats: Stats): boolean {
  try {
    guard?.mustRead(stats);
    return true;
  } catch (error) {
    if (systemCode(error) === "EACCES") return false;
    throw error;
  }
}

function unsupportedRoot(): never {
  throw new SandboxError(
    "unsupported",
    "Files cannot be reached as root: the sandbox has no users of its own here. `sandlot doctor` says what it lacks.",
  );
}
