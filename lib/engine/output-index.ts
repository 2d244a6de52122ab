import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { OutputStream } from "../contract/command.ts";

/** One run of bytes of one stream, in order of arrival. */
export interface IndexRecord {
  stream: OutputStream;
  /** Milliseconds since the epoch. */
  at: number;
  length: number;
}

// 6 bytes of time, 1 of stream, 1 spare, 6 of length, 2 spare.
const RECORD_BYTES = 16;
// Output of one stream that comes this close together is one record, so that a
// flood of small writes makes a small index.
const COALESCE_MS = 50;
const BLOCK_RECORDS = 512;

function encode({ stream, at, length }: IndexRecord): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeUIntBE(at, 0, 6);
  bytes.writeUInt8(stream === "stdout" ? 1 : 2, 6);
  bytes.writeUIntBE(length, 8, 6);
  return bytes;
}

function decode(bytes: Buffer, offset: number): IndexRecord {
  return {
    at: bytes.readUIntBE(offset, 6),
    stream: bytes.readUInt8(offset + 6) === 1 ? "stdout" : "stderr",
    length: bytes.readUIntBE(offset + 8, 6),
  };
}

/** Writes a command's index. Writes are synchronous: a few bytes into the page cache, in the right order. */
export class IndexWriter implements Disposable {
  readonly #descriptor: number;
  #end: number;
  #last: IndexRecord | undefined;
  /** The bytes of each stream that the index knows of. */
  readonly known: Record<OutputStream, number> = { stdout: 0, stderr: 0 };

  /** Opens the index or goes on with one that is there. A record that was cut short is taken off. */
  constructor(file: string) {
    this.#descriptor = openSync(file, "a+");
    closeSync(this.#descriptor);
    this.#descriptor = openSync(file, "r+");
    const { size } = fstatSync(this.#descriptor);
    this.#end = size - (size % RECORD_BYTES);
    if (size !== this.#end) ftruncateSync(this.#descriptor, this.#end);
    this.#load();
  }

  /** Adds bytes to the last record when that is of the same stream and recent; else adds a record. */
  append(record: IndexRecord): void {
    this.known[record.stream] += record.length;
    const last = this.#last;
    if (last && last.stream === record.stream && record.at - last.at < COALESCE_MS) {
      last.length += record.length;
      writeSync(this.#descriptor, encode(last), 0, RECORD_BYTES, this.#end - RECORD_BYTES);
      return;
    }
    this.#last = { ...record };
    writeSync(this.#descriptor, encode(record), 0, RECORD_BYTES, this.#end);
    this.#end += RECORD_BYTES;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #load(): void {
    const block = Buffer.alloc(RECORD_BYTES * BLOCK_RECORDS);
    for (let position = 0; position < this.#end; ) {
      const read = readSync(this.#descriptor, block, 0, block.length, position);
      for (let offset = 0; offset < read; offset += RECORD_BYTES) {
        this.#last = decode(block, offset);
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
      record: decode(this.#block, offset * RECORD_BYTES),
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
      this.#position * RECORD_BYTES,
    );
    this.#blockStart = this.#position;
    this.#blockRecords = Math.floor(bytesRead / RECORD_BYTES);
  }
}
