import { constants, fstatSync, lstatSync, statSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { posix } from "node:path";
import type { FileEntry } from "../../engine/root-files.ts";
import type { FileMaker, FileTree, NewName, TreeDirectories } from "./file-tree-port.ts";
import { fileFault, notAFile } from "./file-fault.ts";
import { systemCode } from "./process-faults.ts";
import type { WriteLanes } from "./write-lanes.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
// A FIFO would hold up the open until somebody is at its other end.
const SAFELY = O_NOFOLLOW | O_NONBLOCK;
const DEFAULT_MODE = 0o644;
/** What is held in memory per file so that several can be written at a time. */
const SMALL_BYTES = 64 * 1024;

export interface WriteJob {
  tree: FileTree;
  directories: TreeDirectories;
  lanes: WriteLanes;
  signal: AbortSignal | undefined;
}

/** What is done with a file that is there: new, or written over. The host path is valid until it is done. */
export type Settled = (hostPath: string, file: { isNew: boolean }) => Promise<void>;

/** What is to be written, and where; its content may be at hand already. */
type Content = Omit<FileEntry, "content"> & {
  content: AsyncIterable<Uint8Array> | [Uint8Array];
};
type ContentAtHand = Content & { content: [Uint8Array] };

interface OpenedForWriting {
  file: FileHandle;
  /** The name that was made for it, if it was not there before. */
  made?: string;
}

/**
 * Writes one file of many. A small one is written while the next is on its way: `settled` is called when it is there.
 */
export async function writeEntry(entry: FileEntry, job: WriteJob, settled: Settled): Promise<void> {
  const { tree, directories, lanes, signal } = job;
  const path = tree.toSandbox(entry.path);
  try {
    const directory = await directories.at(posix.dirname(path), { make: true });
    const name = `${directory}/${posix.basename(path)}`;
    const { content, isWhole } = await beginningOf(entry);
    if (isWhole) {
      // In memory, so that others can be asked for while it is written.
      await lanes.run(path, () =>
        put(name, { ...entry, content }, { tree, settled }).catch((error: unknown) => {
          throw fileFault(error, entry.path);
        }),
      );
    } else {
      // The later one of the same name wins.
      await lanes.ended(path);
      await put(name, { ...entry, content }, { tree, signal, settled });
    }
  } catch (error) {
    throw fileFault(error, entry.path);
  }
}

interface PutOptions {
  tree: FileTree;
  signal?: AbortSignal | undefined;
  settled: Settled;
}

/** Writes to one name in a verified directory, or to where the link of that name leads. */
async function put(name: string, entry: Content, options: PutOptions): Promise<void> {
  const { tree, signal, settled } = options;
  if (tree.maker && isAtHand(entry) && (await tryMake(name, entry, tree.maker))) {
    await settled(name, { isNew: true });
    return;
  }
  const opened = await openForWriting(name, { entry, tree });
  if (opened) {
    await writeInto(opened, entry, signal);
    await settled(name, { isNew: opened.made !== undefined });
    return;
  }
  const behind = await tree.resolve(entry.path);
  await using directories = tree.openDirectories();
  const directory = await directories.at(posix.dirname(behind.path), { make: true });
  const target = `${directory}/${posix.basename(behind.path)}`;
  await put(target, { ...entry, path: behind.path }, options);
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
    const file = await open(name, O_WRONLY | SAFELY);
    try {
      // Whatever has the name by now.
      guard?.mustOwn(fstatSync(file.fd));
      return { file, made: name };
    } catch (error) {
      await file.close();
      throw error;
    }
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
  guard?.mustDelete(statSync(`${posix.dirname(name)}/.`), () => lstatSync(name));
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

function splitName(path: string): NewName {
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

/** All of a small content; of a larger one, whatever was said of its length, what was looked at is put back in front. */
async function beginningOf(
  entry: FileEntry,
): Promise<{ isWhole: boolean; content: Content["content"] }> {
  if (entry.size !== undefined && entry.size > SMALL_BYTES) {
    return { isWhole: false, content: entry.content };
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const rest = entry.content[Symbol.asyncIterator]();
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > SMALL_BYTES) {
      return { isWhole: false, content: resumed(chunks, rest) };
    }
  }
  return { isWhole: true, content: [chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)] };
}

async function* resumed(
  chunks: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* chunks;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

// `process.umask()` without an argument sets and resets it, which is safe on the one main thread.
const umask = process.umask();

export function needsMode(mode: number): boolean {
  return (mode & umask) !== 0 || (mode & 0o7000) !== 0;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await file.write(chunk, done)).bytesWritten;
  }
}
