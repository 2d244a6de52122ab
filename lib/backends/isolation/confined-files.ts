import { constants, type Stats } from "node:fs";
import { type FileHandle, mkdir, open, unlink } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { FileEntry, RootFiles } from "../../engine/ports.ts";
import { ConfinedDirectories } from "./confined-directories.ts";
import { type ConfinedTree, notFound, resolveConfined } from "./confined-path.ts";
import { isStorageFull, systemCode } from "./process-faults.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
// A FIFO would hold up the open until somebody is at its other end.
const SAFELY = O_NOFOLLOW | O_NONBLOCK;
const DEFAULT_MODE = 0o644;

/**
 * A directory of the host's as a sandbox's files. What is written over keeps its
 * inode: watchers see a change and no new file, and other names of it change too.
 */
export class ConfinedFiles implements RootFiles {
  readonly #tree: ConfinedTree;

  constructor(tree: ConfinedTree) {
    this.#tree = tree;
  }

  async write(
    entries: AsyncIterable<FileEntry>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> {
    await using directories = new ConfinedDirectories(this.#tree);
    for await (const entry of entries) {
      signal?.throwIfAborted();
      try {
        await this.#writeEntry(entry, directories, signal);
      } catch (error) {
        throw asFault(error, entry.path);
      }
    }
  }

  async read(path: string): Promise<{ size: number; content: Readable }> {
    await using directories = new ConfinedDirectories(this.#tree);
    const { path: own, stats } = await resolveConfined(this.#tree, path);
    if (!stats) throw notFound(path);
    mustBeFile(path, stats);
    let file: FileHandle | undefined;
    try {
      const directory = await directories.at(posix.dirname(own), { make: false });
      file = await open(`${directory}/${posix.basename(own)}`, O_RDONLY | SAFELY);
      const opened = await file.stat();
      mustBeFile(path, opened);
      const content = contentOf(file, opened.size);
      file = undefined;
      return { size: opened.size, content };
    } catch (error) {
      throw asFault(error, path);
    } finally {
      await file?.close();
    }
  }

  async makeDirectory(path: string, { recursive }: { recursive: boolean }): Promise<void> {
    await using directories = new ConfinedDirectories(this.#tree);
    try {
      if (recursive) {
        await directories.at(path, { make: true });
        return;
      }
      const own = this.#tree.toSandbox(path);
      const parent = await directories.at(posix.dirname(own), { make: false });
      await mkdir(`${parent}/${posix.basename(own)}`, 0o755);
    } catch (error) {
      if (SandboxError.is(error) && error.code === "file_not_found") {
        throw new SandboxError(
          "directory_not_found",
          `"${path}" could not be made: its parent directory does not exist.`,
          { cause: error },
        );
      }
      throw asFault(error, path);
    }
  }

  async #writeEntry(
    entry: FileEntry,
    directories: ConfinedDirectories,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const path = this.#tree.toSandbox(entry.path);
    const { file, made } = await this.#openForWriting(path, entry, directories);
    try {
      if (!made && !(await file.stat()).isFile()) throw notAFile(entry.path);
      // The length that was announced is the tar's; what counts is what comes.
      for await (const chunk of entry.content) {
        signal?.throwIfAborted();
        await writeAll(file, chunk);
      }
      if (
        entry.mode !== undefined ? !made || needsMode(entry.mode) : made && needsMode(DEFAULT_MODE)
      ) {
        await file.chmod((entry.mode ?? DEFAULT_MODE) & 0o7777);
      }
    } catch (error) {
      if (made) await unlink(made).catch(() => undefined); // The first failure is the one to tell.
      throw error;
    } finally {
      await file.close();
    }
  }

  async #openForWriting(
    path: string,
    entry: FileEntry,
    directories: ConfinedDirectories,
  ): Promise<{ file: FileHandle; made?: string }> {
    const directory = await directories.at(posix.dirname(path), { make: true });
    const name = `${directory}/${posix.basename(path)}`;
    const mode = (entry.mode ?? DEFAULT_MODE) & 0o7777;
    try {
      return { file: await open(name, O_WRONLY | O_CREAT | O_EXCL | SAFELY, mode), made: name };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    try {
      return { file: await open(name, O_WRONLY | O_TRUNC | SAFELY) };
    } catch (error) {
      const code = systemCode(error);
      if (code === "ELOOP") return this.#openBehindLink(path, entry, directories);
      if (code === "EISDIR" || code === "ENXIO") throw notAFile(entry.path);
      if (code !== "EACCES" && code !== "ETXTBSY") throw error;
    }
    // Read-only, or a program that runs: whoever may delete it may put another in its place.
    await unlink(name);
    return { file: await open(name, O_WRONLY | O_CREAT | O_EXCL | SAFELY, mode), made: name };
  }

  async #openBehindLink(path: string, entry: FileEntry, directories: ConfinedDirectories) {
    const behind = await resolveConfined(this.#tree, path);
    // A link that changed back meanwhile: one more round finds out, and links in a circle were refused.
    return this.#openForWriting(behind.path, entry, directories);
  }
}

// `process.umask()` without an argument sets and resets it, which is safe on the one main thread.
const umask = process.umask();

function needsMode(mode: number): boolean {
  return (mode & umask) !== 0 || (mode & 0o7000) !== 0;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await file.write(chunk, done)).bytesWritten;
  }
}

// A file that grows meanwhile is cut at the length that was announced.
function contentOf(file: FileHandle, size: number): Readable {
  if (size > 0) return file.createReadStream({ start: 0, end: size - 1 });
  void file.close(); // Nothing was written to it; a failure to close loses nothing.
  return Readable.from([]);
}

function mustBeFile(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory() ? "a directory" : "no regular file";
  throw new SandboxError(
    "file_not_found",
    `"${path}" is ${kind} in the sandbox: only files can be read.`,
  );
}

function notAFile(path: string): SandboxError {
  return new SandboxError(
    "invalid_request",
    `"${path}" cannot be written: something other than a regular file has that name in the sandbox.`,
  );
}

function asFault(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (SandboxError.is(error) || code === undefined) return error;
  const cause = { cause: error };
  if (isStorageFull(error)) {
    return new SandboxError(
      "storage_full",
      `The disk is full: "${path}" could not be written.`,
      cause,
    );
  }
  switch (code) {
    case "ENOENT":
      return notFound(path);
    case "EEXIST":
      return new SandboxError("invalid_request", `"${path}" exists already in the sandbox.`, cause);
    case "EISDIR":
      return notAFile(path);
    case "ENOTDIR":
    case "ELOOP":
      return new SandboxError(
        "invalid_request",
        `"${path}" goes through what is no directory.`,
        cause,
      );
    case "ENAMETOOLONG":
      return new SandboxError(
        "invalid_request",
        `A part of "${path}" is longer than a file name can be.`,
        cause,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new SandboxError(
        "invalid_request",
        `The sandbox's user may not do that to "${path}".`,
        cause,
      );
    default:
      return new SandboxError("internal", `"${path}" could not be accessed (${code}).`, cause);
  }
}
