import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { ByteRange } from "../../engine/root-files.ts";
import { notFound } from "./confined-path.ts";
import { fileFault } from "./file-fault.ts";
import type { FileTree } from "./file-tree-port.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
// A FIFO would hold up the open until somebody is at its other end.
const SAFELY = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** A file's bytes, or some of them, and the whole file's size. The content holds the file open until it was read or destroyed. */
export async function readFile(
  tree: FileTree,
  path: string,
  { start = 0, end = Infinity }: ByteRange,
): Promise<{ size: number; content: Readable }> {
  await using directories = tree.openDirectories();
  let file: FileHandle | undefined;
  try {
    const { path: own, stats } = await tree.resolve(path);
    if (!stats) throw notFound(path);
    mustBeFile(path, stats);
    const directory = await directories.at(posix.dirname(own), { make: false });
    file = await open(`${directory}/${posix.basename(own)}`, SAFELY);
    const opened = await file.stat();
    mustBeFile(path, opened);
    tree.guard?.mustRead(opened);
    const content = contentOf(file, { start, end: Math.min(end, opened.size - 1) });
    file = undefined;
    return { size: opened.size, content };
  } catch (error) {
    throw fileFault(error, path);
  } finally {
    await file?.close();
  }
}

// A file that grows meanwhile is cut at the length that was announced.
function contentOf(file: FileHandle, { start, end }: { start: number; end: number }): Readable {
  if (start <= end) return file.createReadStream({ start, end });
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
