import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { TextDecoder } from "node:util";
import type { OutputChunk, OutputStream } from "../contract/command.ts";
import { LIMITS } from "../contract/limits.ts";
import { INDEX_FILE, type OutputState } from "./output-follower.ts";
import { IndexReader } from "./output-index.ts";

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Whether to wait for what is yet to be written; otherwise the output as it is now, to the last whole character. */
  follow?: boolean | undefined;
}

/**
 * Replays an output from its first byte that is left, in order of arrival, then
 * follows it until it is closed. Holds one piece in memory, whatever the output's
 * size and however slowly it is read. Throws the signal's reason when aborted, and
 * the state's when nobody follows the output any more.
 */
export async function* readOutput(
  state: OutputState,
  { signal, follow = true }: ReadOptions = {},
): AsyncGenerator<OutputChunk, void, void> {
  signal?.throwIfAborted();
  // A command that writes faster than this reads has an end for whoever does not follow it, too.
  let left = follow ? Infinity : (state.lookNow?.() ?? Infinity);
  await using indexFile = await open(join(state.directory, INDEX_FILE), "r");
  await using stdout = await open(join(state.directory, "stdout"), "r");
  await using stderr = await open(join(state.directory, "stderr"), "r");
  const buffer = Buffer.allocUnsafe(LIMITS.outputChunkBytes);
  const tracks = {
    stdout: new Track(state, { stream: "stdout", file: stdout, buffer }),
    stderr: new Track(state, { stream: "stderr", file: stderr, buffer }),
  };
  const index = new IndexReader(indexFile);
  let taken = 0;
  let lastAt = 0;
  while (true) {
    // Asked for before looking, so that no change between the two is missed.
    const { changed, closed, failure } = state;
    const found = left > 0 ? await index.peek() : undefined;
    if (found && taken < found.record.length) {
      const { stream, at, length } = found.record;
      lastAt = at;
      const piece = await tracks[stream].take(Math.min(length - taken, left));
      taken += piece.bytes;
      left -= piece.bytes;
      signal?.throwIfAborted();
      for (const chunk of piece.chunks) yield { stream, at, ...chunk };
    } else if (found?.final) {
      index.next();
      taken = 0;
    } else if (closed) {
      break;
    } else if (failure !== undefined) {
      throw failure;
    } else if (!follow) {
      return;
    } else {
      await changed.wait(signal);
    }
  }
  // What is in no index: the disk was full, or it was written after the end by what the command left behind.
  for (const track of [tracks.stdout, tracks.stderr]) {
    const { left, at } = await track.rest();
    if (left > 0) lastAt = at;
    for (let done = 0; done < left;) {
      const piece = await track.take(left - done);
      done += piece.bytes;
      signal?.throwIfAborted();
      for (const chunk of piece.chunks) yield { stream: track.stream, at, ...chunk };
    }
  }
  for (const track of [tracks.stdout, tracks.stderr]) yield* track.flush(lastAt);
}

type Text = Pick<OutputChunk, "data" | "dropped">;

const NO_TEXT: Text[] = [];
// The longest character of UTF-8 has four bytes.
const MOST_ORPHANS = 3;

/** One stream of an output, as one reader sees it: where it is, and the character that it is in the middle of. */
class Track {
  readonly stream: OutputStream;
  readonly #state: OutputState;
  readonly #file: FileHandle;
  readonly #buffer: Buffer;
  // A byte order mark is output like any other.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #position = 0;
  /** Bytes that were skipped since the last piece, because they are gone. */
  #gap = 0;
  /** How many bytes of a character whose beginning is gone may still come: behind a gap up to three. */
  #orphans = 0;

  constructor(
    state: OutputState,
    { stream, file, buffer }: { stream: OutputStream; file: FileHandle; buffer: Buffer },
  ) {
    this.#state = state;
    this.stream = stream;
    this.#file = file;
    this.#buffer = buffer;
  }

  /** The next bytes, of at most so many that are known to have been written. */
  async take(limit: number): Promise<{ bytes: number; chunks: Text[] }> {
    const { dropped, base } = this.#state;
    if (dropped[this.stream] > this.#position) return this.#skip(limit);
    const length = Math.min(limit, this.#buffer.length);
    const place = this.#position - base[this.stream];
    const { bytesRead } = await this.#file.read(this.#buffer, 0, length, place);
    // They may have been dropped while they were read: then these are zeros.
    if (this.#state.dropped[this.stream] > this.#position) return this.#skip(limit);
    // Indexed, but not there: the command cut its own log in this moment.
    if (bytesRead === 0) return this.#skip(limit, limit);
    this.#position += bytesRead;
    return { bytes: bytesRead, chunks: this.#decode(this.#buffer.subarray(0, bytesRead)) };
  }

  /** What the file holds beyond this place, and when it was written. */
  async rest(): Promise<{ left: number; at: number }> {
    const { size, mtimeMs } = await this.#file.stat();
    const left = this.#state.base[this.stream] + size - this.#position;
    return { left: Math.max(0, left), at: Math.round(mtimeMs) };
  }

  /** A character that was never finished, or a gap at the very end. */
  *flush(at: number): Generator<OutputChunk, void, void> {
    const data = this.#decoder.decode();
    if (data === "" && this.#gap === 0) return;
    yield { stream: this.stream, at, data, ...(this.#gap > 0 && { dropped: this.#gap }) };
  }

  #decode(bytes: Buffer): Text[] {
    // The rest of a character whose beginning is gone belongs to the gap.
    let start = 0;
    while (start < Math.min(this.#orphans, bytes.length) && isContinuation(bytes[start])) start++;
    this.#orphans = start < bytes.length ? 0 : this.#orphans - start;
    this.#gap += start;
    const data = this.#decoder.decode(bytes.subarray(start), { stream: true });
    if (data === "") return NO_TEXT;
    const dropped = this.#gap;
    this.#gap = 0;
    return [{ data, ...(dropped > 0 && { dropped }) }];
  }

  #skip(limit: number, gone = this.#state.dropped[this.stream] - this.#position) {
    const bytes = Math.min(gone, limit);
    // A character whose other half is gone stands before the gap.
    const half = this.#decoder.decode();
    const chunks =
      half === "" ? NO_TEXT : [{ data: half, ...(this.#gap > 0 && { dropped: this.#gap }) }];
    if (half !== "") this.#gap = 0;
    this.#position += bytes;
    this.#gap += bytes;
    this.#orphans = MOST_ORPHANS;
    return { bytes, chunks };
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
