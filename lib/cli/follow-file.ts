import { watch } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { abortable } from "../std/abortable.ts";

/** The last lines of a text file, and where it ended. A file that is not there is empty. */
export async function lastLinesOf(
  file: string,
  count: number,
): Promise<{ text: string; end: number }> {
  const { bytes, end } = await readFrom(file, 0);
  const lines = bytes.toString("utf8").split("\n");
  const complete = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  const kept = count === 0 ? [] : complete.slice(-count);
  return { text: kept.map((line) => `${line}\n`).join(""), end };
}

/**
 * What is appended to the file from an offset on, until the signal: ending by it is no error. A file that is
 * replaced by a shorter one is read from its start.
 */
export async function* followFile(
  file: string,
  { from, signal }: { from: number; signal: AbortSignal },
): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder("utf8");
  let position = from;
  let changed = Promise.withResolvers<void>();
  // The folder is watched, because a file that is replaced is another one to the system.
  const watcher = watch(dirname(file), (_event, name) => {
    if (name === null || name === basename(file)) changed.resolve();
  });
  let failure: Error | undefined;
  watcher.on("error", (error) => {
    failure = error;
    changed.resolve();
  });
  try {
    while (true) {
      // Taken before the file is read: what is written meanwhile is read now or in the next round.
      const next = changed.promise;
      const size = await sizeOf(file);
      if (size < position) position = 0;
      const { bytes, end } = await readFrom(file, position);
      position = end;
      if (bytes.length > 0) yield decoder.write(bytes);
      await abortable(next, signal);
      if (failure) throw failure;
      changed = Promise.withResolvers<void>();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watcher.close();
  }
}

async function readFrom(file: string, position: number): Promise<{ bytes: Buffer; end: number }> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
    return { bytes: bytes.subarray(0, bytesRead), end: position + bytesRead };
  } catch (error) {
    if (isMissing(error)) return { bytes: Buffer.alloc(0), end: 0 };
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
