import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { OutputStream } from "../../contract/command.ts";

/** One run of bytes of one stream, in order of arrival. */
export interface IndexRecord {
  stream: OutputStream;
  /** Milliseconds since the epoch. */
  at: number;
  length: number;
}

export type PerStream = Record<OutputStream, number>;

/** What is no longer in the log files. */
export interface Losses {
  /** How many bytes at the beginning of each stream are gone. */
  dropped: PerStream;
  /** Which byte of each stream its file begins with: not 0 after the command cut its own log. */
  base: PerStream;
  /** Whether the command is stopped until there is room for more. */
  held: boolean;
}

// The header: 8 bytes that name the format, then the losses, 8 bytes each. It stands in the index, and
// not beside it, because writing over what is there needs no room on a disk that is full.
const FORMAT = Buffer.from("sandlog1", "latin1");
const HEADER_BYTES = 64;
// A record: 6 bytes of time, 1 of stream, 1 spare, 6 of length, 2 spare. The length, the one part that
// is written over, lies within an aligned word: a reader sees the old or the new one.
const RECORD_BYTES = 16;
// Output of one stream that comes this close together is one record, so that a
// flood of small writes makes a small index.
const COALESCE_MS = 50;
const BLOCK_RECORDS = 512;

function encodeRecord({ stream, at, length }: IndexRecord): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeUIntBE(at, 0, 6);
  bytes.writeUInt8(stream === "stdout" ? 1 : 2, 6);
  bytes.writeUIntBE(length, 8, 6);
  return bytes;
}

function decodeRecord(bytes: Buffer, offset: number): IndexRecord {
  return {
    at: bytes.readUIntBE(offset, 6),
    stream: bytes.readUInt8(offset + 6) === 1 ? "stdout" : "stderr",
    length: bytes.readUIntBE(offset + 8, 6),
  };
}

function encodeHeader({ dropped, base, held }: Losses): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  FORMAT.copy(bytes);
  const numbers = [dropped.stdout, dropped.stderr, base.stdout, base.stderr, held ? 1 : 0];
  for (const [place, value] of numbers.entries()) bytes.writeUIntBE(value, 8 + place * 8, 6);
  return bytes;
}

function decodeHeader(bytes: Buffer): Losses | undefined {
  if (!bytes.subarray(0, FORMAT.length).equals(FORMAT)) return undefined;
  const at = (place: number) => bytes.readUIntBE(8 + place * 8, 6);
  return {
    dropped: { stdout: at(0), stderr: at(1) },
    base: { stdout: at(2), stderr: at(3) },
    held: at(4) === 1,
  };
}

function readHeader(descriptor: number): Losses | undefined {
  const bytes = Buffer.alloc(HEADER_BYTES);
  return readSync(descriptor, bytes, 0, HEADER_BYTES, 0) < HEADER_BYTES
    ? undefined
    : decodeHeader(bytes);
}

const noBytes = (): PerStream => ({ stdout: 0, stderr: 0 });
const noLosses = (): Losses => ({ dropped: noBytes(), base: noBytes(), held: false });

/** What an index says is no longer in the log files; nothing, when there is no index. */
export function readLosses(file: string): Losses {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return noLosses(); // Absent: nothing was ever followed.
  }
  try {
    return readHeader(descriptor) ?? noLosses();
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a command's index. Writes are synchronous: a few bytes into the page cache, in the right order. */
export class IndexWriter implements Disposable {
  readonly #descriptor: number;
  #end: number;
  #last: IndexRecord | undefined;
  /** The bytes of each stream that the index knows of. */
  readonly known: PerStream = noBytes();
  readonly losses: Losses;

  /** Opens the index or goes on with one that is there. What a crash cut short is taken off. */
  constructor(file: string) {
    this.#descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      const { size } = fstatSync(this.#descriptor);
      const losses = readHeader(this.#descriptor);
      this.losses = losses ?? noLosses();
      this.#end = losses ? size - ((size - HEADER_BYTES) % RECORD_BYTES) : 0;
      if (size !== this.#end) ftruncateSync(this.#descriptor, this.#end);
      if (losses) this.#load();
      else {
        this.saveLosses();
        this.#end = HEADER_BYTES;
      }
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  /** The index's own size in bytes. */
  get size(): number {
    return this.#end;
  }

  /** Adds bytes to the last record when that is of the same stream and recent; else adds a record. Changes nothing when it throws. */
  append(record: IndexRecord): void {
    const last = this.#last;
    if (last && last.stream === record.stream && record.at - last.at < COALESCE_MS) {
      const grown = { ...last, length: last.length + record.length };
      this.#write(grown, this.#end - RECORD_BYTES);
    } else {
      this.#write(record, this.#end);
      this.#end += RECORD_BYTES;
    }
    this.known[record.stream] += record.length;
  }

  /** Keeps `losses`, for readers and for the next engine. */
  saveLosses(): void {
    writeSync(this.#descriptor, encodeHeader(this.losses), 0, HEADER_BYTES, 0);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #write(record: IndexRecord, position: number): void {
    const written = writeSync(this.#descriptor, encodeRecord(record), 0, RECORD_BYTES, position);
    // A disk that fills up in the middle of a record says nothing until the next write.
    if (written < RECORD_BYTES) throw new Error("The index's record could not be written whole.");
    this.#last = { ...record };
  }

  #load(): void {
    const block = Buffer.alloc(RECORD_BYTES * BLOCK_RECORDS);
    for (let position = HEADER_BYTES; position < this.#end;) {
      const length = Math.min(block.length, this.#end - position);
      const read = readSync(this.#descriptor, block, 0, length, position);
      for (let offset = 0; offset + RECORD_BYTES <= read; offset += RECORD_BYTES) {
        this.#last = decodeRecord(block, offset);
        this.known[this.#last.stream] += this.#last.length;
      }
      position += read;
    }
  }
}

/** Walks through an index that may still be growing. The last record may grow, all others are final. */
export class IndexReader {
  readonly #file: FileHandle;
  readonly #block = Buffer.alloc(RECORD_BYTES * BLOCK_RECORDS);
  #blockStart = 0;
  #blockRecords = 0;
  #position = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The record at the present place and whether it is final; undefined when there is none yet. */
  async peek(): Promise<{ record: IndexRecord; final: boolean } | undefined> {
    // The last record of the block may have grown since it was read.
    if (this.#position + 1 >= this.#blockStart + this.#blockRecords) await this.#refill();
    const offset = this.#position - this.#blockStart;
    if (offset >= this.#blockRecords) return undefined;
    return {
      record: decodeRecord(this.#block, offset * RECORD_BYTES),
      final: offset + 1 < this.#blockRecords,
    };
  }

  next(): void {
    this.#position += 1;
  }

  async #refill(): Promise<void> {
    const { bytesRead } = await this.#file.read(
      this.#block,
      0,
      this.#block.length,
      HEADER_BYTES + this.#position * RECORD_BYTES,
    );
    this.#blockStart = this.#position;
    this.#blockRecords = Math.floor(bytesRead / RECORD_BYTES);
  }
}
