import { open, stat, watch } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { StringDecoder } from "node:string_decoder";

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
  const read = async (): Promise<string> => {
    const size = await sizeOf(file);
    if (size < position) position = 0;
    const { bytes, end } = await readFrom(file, position);
    position = end;
    return decoder.write(bytes);
  };
  try {
    // The folder is watched, because a file that is replaced is another one to the system.
    const changes = watch(dirname(file), { signal });
    // The first read comes after the watch began: what is written in between is in one or the other.
    yield await read();
    for await (const { filename } of changes) {
      if (filename === null || filename === basename(file)) yield await read();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
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
