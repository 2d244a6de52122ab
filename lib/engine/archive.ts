import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { messageOf } from "../std/message-of.ts";
import { peekStream } from "../std/peek-stream.ts";
import type { FileEntry } from "./root-files.ts";
import { resolvePath } from "./resolve-path.ts";

export interface ArchiveOptions {
  /** What the names in the archive are relative to. */
  directory: string;
  /** Called for each directory of its own, in the archive's order. */
  onDirectory: (path: string) => Promise<void>;
  /** Called for each symbolic link, with the text that it holds. Absent: an archive with one is refused. */
  onLink?: (path: string, target: string) => void;
  signal?: AbortSignal;
  limits?: { entries: number; bytes: number };
}

/**
 * Unpacks a tar, gzipped or not, as it arrives. Throws `invalid_request` for what is no
 * archive or holds anything but files and directories, `too_large` over the limits.
 */
export async function* readArchive(
  archive: Readable,
  options: ArchiveOptions,
): AsyncGenerator<FileEntry, void, void> {
  const limits = options.limits ?? { entries: LIMITS.uploadEntries, bytes: LIMITS.uploadBytes };
  const { head, all } = await peekStream(archive, 2);
  if (head.length === 0) {
    throw new SandboxError("invalid_request", "The archive is empty. Send a tar, gzipped or not.");
  }
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  const entries = extract();
  const stages = [...(gzipped ? [createGunzip()] : []), bounded(limits.bytes)];
  const fed = pipeline([all, ...stages, entries], options.signal ? { signal: options.signal } : {});
  // Awaited at the end; until then the entries carry the failure.
  fed.catch(() => undefined);
  let count = 0;
  let announced = 0;
  let name = "";
  try {
    for await (const entry of entries) {
      name = entry.header.name;
      if (++count > limits.entries) {
        throw new SandboxError("too_large", `An archive holds at most ${limits.entries} entries.`);
      }
      announced += entry.header.size;
      if (announced > limits.bytes) throw tooLarge(limits.bytes, name);
      const path = pathOf(name, options.directory);
      if (entry.header.type === "directory") {
        entry.resume();
        await options.onDirectory(path);
        continue;
      }
      if (entry.header.type === "symlink" && options.onLink) {
        entry.resume();
        options.onLink(path, entry.header.linkname ?? "");
        continue;
      }
      requireFile(entry.header);
      yield {
        path,
        size: entry.header.size,
        mode: entry.header.mode & 0o7777,
        content: bytesOf(entry, options.signal),
      };
    }
    await fed;
  } catch (error) {
    throw explain(error, name, options.signal);
  } finally {
    entries.destroy();
    // Whoever sends it may be in the middle; nobody takes the rest.
    archive.destroy();
  }
}

function pathOf(name: string, directory: string): string {
  try {
    return resolvePath(directory, name);
  } catch (error) {
    const what = messageOf(error);
    throw new SandboxError(
      "invalid_request",
      `The archive's entry ${JSON.stringify(name.slice(0, 100))} has no usable name: ${what}`,
      { cause: error },
    );
  }
}

function tooLarge(limitBytes: number, name: string): SandboxError {
  return new SandboxError(
    "too_large",
    `An archive unpacks to at most ${limitBytes} bytes; with its entry ${name} it would be more.`,
  );
}

async function* bytesOf(
  entry: AsyncIterable<unknown> & { header: Header },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of entry) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    throw explain(error, entry.header.name, signal);
  }
}

/** What a failure while reading means: the caller left, a limit was reached, or the archive is broken. */
function explain(error: unknown, name: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (SandboxError.is(error)) return error;
  const where = name === "" ? "before its first entry" : `at or after ${name}`;
  const reason = messageOf(error);
  return new SandboxError(
    "invalid_request",
    `The archive cannot be unpacked (${where}): ${reason}. Send a whole tar, gzipped or not.`,
    { cause: error },
  );
}

function requireFile({ type, name }: Header): void {
  if (type === "file" || type === "contiguous-file") return;
  throw new SandboxError(
    "invalid_request",
    `The archive's entry ${name} is a ${type}; only files and directories can be uploaded.`,
  );
}

/** Lets so many bytes pass, whatever they were before they were unpacked. */
export function bounded(limitBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= limitBytes) done(null, chunk);
      else {
        done(new SandboxError("too_large", `An archive unpacks to at most ${limitBytes} bytes.`));
      }
    },
  });
}
