import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { TextDecoder } from "node:util";
import type { OutputBytes, OutputChunk, OutputStream } from "../../contract/command.ts";
import { LIMITS } from "../../contract/limits.ts";
import { INDEX_FILE, type OutputState } from "./output-follower.ts";
import { IndexReader } from "./output-index.ts";

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Whether to wait for what is yet to be written; otherwise the output as it is now, to the last whole character. */
  follow?: boolean | undefined;
  /** `now` leaves out what was written before, unread. */
  from?: "start" | "now" | undefined;
}

/**
 * Replays an output from its first byte that is left, in order of arrival, then
 * follows it until it is closed. Holds one piece in memory, whatever the output's
 * size and however slowly it is read. Throws the signal's reason when aborted, and
 * the state's when nobody follows the output any more.
 */
export async function* readOutput(
  state: OutputState,
  options: ReadOptions = {},
): AsyncGenerator<OutputChunk, void, void> {
  const texts = { stdout: new TextTrack("stdout"), stderr: new TextTrack("stderr") };
  let lastAt = 0;
  for await (const piece of readPieces(state, options)) {
    lastAt = piece.at;
    yield* texts[piece.stream].decode(piece);
  }
  // Without `follow` the rest of a character may yet come.
  if (options.follow === false && !state.closed) return;
  for (const text of [texts.stdout, texts.stderr]) yield* text.flush(lastAt);
}

/** The same, undecoded. */
export async function* readOutputBytes(
  state: OutputState,
  options: ReadOptions = {},
): AsyncGenerator<OutputBytes, void, void> {
  for await (const piece of readPieces(state, options)) {
    yield { ...piece, data: Uint8Array.from(piece.data) };
  }
}

/** As bytes that are valid until the next piece is asked for. The last of a stream may be empty, behind a gap. */
async function* readPieces(
  state: OutputState,
  { signal, follow = true, from = "start" }: ReadOptions,
): AsyncGenerator<OutputBytes, void, void> {
  signal?.throwIfAborted();
  const written = follow && from === "start" ? undefined : state.lookNow?.();
  if (from === "now" && written === undefined) return;
  let toPass = from === "now" ? (written ?? 0) : 0;
  // A command that writes faster than this reads has an end for whoever does not follow it, too.
  let left = follow ? Infinity : (written ?? Infinity);
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
      const limit = Math.min(length - taken, left, toPass > 0 ? toPass : Infinity);
      if (toPass > 0) tracks[stream].pass(limit);
      const piece = toPass > 0 ? { bytes: limit } : await tracks[stream].take(limit);
      toPass = Math.max(0, toPass - limit);
      taken += piece.bytes;
      left -= piece.bytes;
      signal?.throwIfAborted();
      if (piece.read) yield { stream, at, ...piece.read };
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
      if (piece.read) yield { stream: track.stream, at, ...piece.read };
    }
  }
  for (const { stream, gap } of [tracks.stdout, tracks.stderr]) {
    if (gap > 0) yield { stream, at: lastAt, data: NOTHING, dropped: gap };
  }
}

const NOTHING = new Uint8Array();

/** What was taken of a stream: how far it went, and what was read on the way if anything was left there. */
interface Piece {
  bytes: number;
  read?: Pick<OutputBytes, "data" | "dropped">;
}

/** One stream of an output, as one reader sees it. */
class Track {
  readonly stream: OutputStream;
  readonly #state: OutputState;
  readonly #file: FileHandle;
  readonly #buffer: Buffer;
  #position = 0;
  #gap = 0;

  constructor(
    state: OutputState,
    { stream, file, buffer }: { stream: OutputStream; file: FileHandle; buffer: Buffer },
  ) {
    this.#state = state;
    this.stream = stream;
    this.#file = file;
    this.#buffer = buffer;
  }

  /** Bytes that were skipped since the last piece, because they are gone. */
  get gap(): number {
    return this.#gap;
  }

  /** Goes on behind so many bytes, unread. */
  pass(bytes: number): void {
    this.#position += bytes;
  }

  /** The next bytes, of at most so many that are known to have been written. */
  async take(limit: number): Promise<Piece> {
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
    const data = this.#buffer.subarray(0, bytesRead);
    const gap = this.#gap;
    this.#gap = 0;
    return { bytes: bytesRead, read: { data, ...(gap > 0 && { dropped: gap }) } };
  }

  /** What the file holds beyond this place, and when it was written. */
  async rest(): Promise<{ left: number; at: number }> {
    const { size, mtimeMs } = await this.#file.stat();
    const left = this.#state.base[this.stream] + size - this.#position;
    return { left: Math.max(0, left), at: Math.round(mtimeMs) };
  }

  #skip(limit: number, gone = this.#state.dropped[this.stream] - this.#position): Piece {
    const bytes = Math.min(gone, limit);
    this.#position += bytes;
    this.#gap += bytes;
    return { bytes };
  }
}

// The longest character of UTF-8 has four bytes.
const MOST_ORPHANS = 3;

/** The characters of one stream, and the one that a reader is in the middle of. */
class TextTrack {
  readonly #stream: OutputStream;
  // A byte order mark is output like any other.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Bytes that are gone right before what comes next. */
  #gap = 0;
  /** How many bytes of a character whose beginning is gone may still come: behind a gap up to three. */
  #orphans = 0;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  *decode({ at, data, dropped = 0 }: OutputBytes): Generator<OutputChunk, void, void> {
    if (dropped > 0) {
      // A character whose other half is gone stands before the gap.
      yield* this.#put(at, this.#decoder.decode());
      this.#gap += dropped;
      this.#orphans = MOST_ORPHANS;
    }
    // The rest of a character whose beginning is gone belongs to the gap.
    let start = 0;
    while (start < Math.min(this.#orphans, data.length) && isContinuation(data[start])) start++;
    this.#orphans = start < data.length ? 0 : this.#orphans - start;
    this.#gap += start;
    yield* this.#put(at, this.#decoder.decode(data.subarray(start), { stream: true }));
  }

  /** A character that was never finished, or a gap at the very end. */
  *flush(at: number): Generator<OutputChunk, void, void> {
    const data = this.#decoder.decode();
    if (data !== "" || this.#gap > 0) yield this.#chunk(at, data);
  }

  *#put(at: number, data: string): Generator<OutputChunk, void, void> {
    if (data !== "") yield this.#chunk(at, data);
  }

  #chunk(at: number, data: string): OutputChunk {
    const gap = this.#gap;
    this.#gap = 0;
    return { stream: this.#stream, at, data, ...(gap > 0 && { dropped: gap }) };
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
