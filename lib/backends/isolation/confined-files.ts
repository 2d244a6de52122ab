import { constants, type Stats } from "node:fs";
import { type FileHandle, mkdir, open, unlink } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { FileEntry, RootFiles } from "../../engine/root-files.ts";
import { notFound } from "./confined-path.ts";
import type { FileMaker, FileTree, TreeDirectories } from "./file-tree-port.ts";
import { fileFault, notAFile } from "./file-fault.ts";
import { systemCode } from "./process-faults.ts";
import { WriteLanes } from "./write-lanes.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
// A FIFO would hold up the open until somebody is at its other end.
const SAFELY = O_NOFOLLOW | O_NONBLOCK;
const DEFAULT_MODE = 0o644;
/** What is held in memory per file so that several can be written at a time. */
const SMALL_BYTES = 64 * 1024;

/**
 * A directory of the host's as a sandbox's files. What is written over keeps its
 * inode: watchers see a change and no new file, and other names of it change too.
 */
export class ConfinedFiles implements RootFiles {
  readonly #tree: FileTree;

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  async write(
    entries: AsyncIterable<FileEntry>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> {
    const lanes = new WriteLanes();
    await using directories = this.#tree.openDirectories({ beforeClose: () => lanes.settle() });
    const job = { directories, lanes, signal };
    try {
      for await (const entry of entries) {
        signal?.throwIfAborted();
        await this.#writeEntry(entry, job);
      }
      await lanes.drain();
    } finally {
      await lanes.settle();
    }
  }

  async read(path: string): Promise<{ size: number; content: Readable }> {
    await using directories = this.#tree.openDirectories();
    const { path: own, stats } = await this.#tree.resolve(path);
    if (!stats) throw notFound(path);
    mustBeFile(path, stats);
    let file: FileHandle | undefined;
    try {
      const directory = await directories.at(posix.dirname(own), { make: false });
      file = await open(`${directory}/${posix.basename(own)}`, O_RDONLY | SAFELY);
      const opened = await file.stat();
      mustBeFile(path, opened);
      this.#tree.guard?.mustRead(opened);
      const content = contentOf(file, opened.size);
      file = undefined;
      return { size: opened.size, content };
    } catch (error) {
      throw fileFault(error, path);
    } finally {
      await file?.close();
    }
  }

  async makeDirectory(path: string, { recursive }: { recursive: boolean }): Promise<void> {
    await using directories = this.#tree.openDirectories();
    try {
      if (recursive) {
        await directories.at(path, { make: true });
        return;
      }
      const own = this.#tree.toSandbox(path);
      const parent = await directories.at(posix.dirname(own), { make: false });
      const name = posix.basename(own);
      const { maker } = this.#tree;
      if (maker) await maker.makeDirectory({ directory: parent, name }, 0o755);
      else await mkdir(`${parent}/${name}`, 0o755);
    } catch (error) {
      if (SandboxError.is(error) && error.code === "file_not_found") {
        throw new SandboxError(
          "directory_not_found",
          `"${path}" could not be made: its parent directory does not exist.`,
          { cause: error },
        );
      }
      throw fileFault(error, path);
    }
  }

  async #writeEntry(entry: FileEntry, { directories, lanes, signal }: WriteJob): Promise<void> {
    const path = this.#tree.toSandbox(entry.path);
    try {
      const directory = await directories.at(posix.dirname(path), { make: true });
      const name = `${directory}/${posix.basename(path)}`;
      if (entry.size <= SMALL_BYTES) {
        // In memory, so that others can be asked for while it is written.
        const bytes = await collect(entry.content);
        await lanes.run(path, () =>
          this.#put(name, { ...entry, content: [bytes] }).catch((error: unknown) => {
            throw fileFault(error, entry.path);
          }),
        );
      } else {
        await this.#put(name, entry, signal);
      }
    } catch (error) {
      throw fileFault(error, entry.path);
    }
  }

  /** Writes to one name in a verified directory, or to where the link of that name leads. */
  async #put(name: string, entry: Content, signal?: AbortSignal): Promise<void> {
    if (this.#tree.maker && isAtHand(entry) && (await tryMake(name, entry, this.#tree.maker)))
      return;
    const opened = await openForWriting(name, { entry, tree: this.#tree });
    if (opened) {
      await writeInto(opened, entry, signal);
      return;
    }
    const behind = await this.#tree.resolve(entry.path);
    await using directories = this.#tree.openDirectories();
    const directory = await directories.at(posix.dirname(behind.path), { make: true });
    await this.#put(
      `${directory}/${posix.basename(behind.path)}`,
      { ...entry, path: behind.path },
      signal,
    );
  }
}

/** What is to be written, and where; its content may be at hand already. */
type Content = Omit<FileEntry, "content"> & {
  content: AsyncIterable<Uint8Array> | [Uint8Array];
};
type ContentAtHand = Content & { content: [Uint8Array] };

interface WriteJob {
  directories: TreeDirectories;
  lanes: WriteLanes;
  signal: AbortSignal | undefined;
}

interface OpenedForWriting {
  file: FileHandle;
  /** The name that was made for it, if it was not there before. */
  made?: string;
}

/** Undefined when the name is a link's. */
async function openForWriting(
  name: string,
  { entry, tree: { guard, maker } }: { entry: Content; tree: FileTree },
): Promise<OpenedForWriting | undefined> {
  const mode = (entry.mode ?? DEFAULT_MODE) & 0o7777;
  const create = async () => {
    if (!maker) {
      return { file: await open(name, O_WRONLY | O_CREAT | O_EXCL | SAFELY, mode), made: name };
    }
    await maker.makeFile(splitName(name), { mode, content: NOTHING });
    return { file: await open(name, O_WRONLY | SAFELY), made: name };
  };
  try {
    return await create();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
  try {
    // Emptied only once it is known to be a file that may be written.
    const file = await open(name, O_WRONLY | SAFELY);
    if (!guard || guard.mayWrite(await file.stat())) return { file };
    await file.close();
  } catch (error) {
    const code = systemCode(error);
    if (code === "ELOOP") return undefined;
    if (code === "EISDIR" || code === "ENXIO") throw notAFile(entry.path);
    if (code !== "EACCES" && code !== "ETXTBSY") throw error;
  }
  // Read-only, or a program that runs: whoever may delete it may put another in its place.
  await guard?.mustDelete(posix.dirname(name), name);
  await unlink(name);
  return create();
}

const NOTHING = new Uint8Array();

/** False when something has the name already. */
async function tryMake(name: string, entry: ContentAtHand, maker: FileMaker): Promise<boolean> {
  const [content] = entry.content;
  try {
    const mode = (entry.mode ?? DEFAULT_MODE) & 0o7777;
    await maker.makeFile(splitName(name), { mode, content });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

function splitName(path: string): { directory: string; name: string } {
  return { directory: posix.dirname(path), name: posix.basename(path) };
}

function isAtHand(entry: Content): entry is ContentAtHand {
  return Array.isArray(entry.content);
}

async function writeInto(
  { file, made }: OpenedForWriting,
  entry: Content,
  signal?: AbortSignal,
): Promise<void> {
  try {
    if (!made) {
      if (!(await file.stat()).isFile()) throw notAFile(entry.path);
      await file.truncate();
    }
    for await (const chunk of entry.content) {
      signal?.throwIfAborted();
      await writeAll(file, chunk);
    }
    const mode = entry.mode ?? (made ? DEFAULT_MODE : undefined);
    if (mode !== undefined && (!made || needsMode(mode))) await file.chmod(mode & 0o7777);
  } catch (error) {
    if (made) await unlink(made).catch(() => undefined); // The first failure is the one to tell.
    throw error;
  } finally {
    await file.close();
  }
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
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
