import type { NewRecord } from "../store/stream-store.ts";

// The part of s2.v1 that appends need, by hand: three messages of bytes, numbers and each other.
//   AppendInput  { repeated AppendRecord records = 1; optional uint64 match_seq_num = 2; optional string fencing_token = 3 }
//   AppendRecord { optional uint64 timestamp = 1; repeated Header headers = 2; bytes body = 3 }
//   Header       { bytes name = 1; bytes value = 2 }
//   AppendAck    { StreamPosition start = 1; StreamPosition end = 2; StreamPosition tail = 3 }
//   StreamPosition { uint64 seq_num = 1; uint64 timestamp = 2 }

const VARINT = 0;
const LENGTH_DELIMITED = 2;

interface Field {
  number: number;
  /** Empty for a number. */
  bytes: Buffer;
}

/** The records of an AppendInput. Throws a RangeError for bytes that are none. */
export function decodeAppendInput(message: Buffer): NewRecord[] {
  return fields(message)
    .filter(({ number }) => number === 1)
    .map(({ bytes }) => decodeRecord(bytes));
}

/** The AppendAck for records that went to `start` up to, but not with, `end`. */
export function encodeAppendAck({ start, end }: { start: number; end: number }): Buffer {
  const timestamp = Date.now();
  const position = (seq: number) =>
    Buffer.concat([tag(1, VARINT), varint(seq), tag(2, VARINT), varint(timestamp)]);
  return Buffer.concat(
    [start, end, end].flatMap((seq, index) => {
      const body = position(seq);
      return [tag(index + 1, LENGTH_DELIMITED), varint(body.length), body];
    }),
  );
}

function decodeRecord(message: Buffer): NewRecord {
  const headers: [string, string][] = [];
  let body: Buffer = Buffer.alloc(0);
  for (const { number, bytes } of fields(message)) {
    if (number === 2) headers.push(decodeHeader(bytes));
    if (number === 3) body = bytes;
  }
  // The body of a command is a number in bytes, every other one is text.
  const isCommand = headers[0]?.[0] === "";
  return { headers, body: body.toString(isCommand ? "latin1" : "utf8") };
}

function decodeHeader(message: Buffer): [string, string] {
  const found = fields(message);
  const text = (wanted: number) =>
    found.find(({ number }) => number === wanted)?.bytes.toString("utf8") ?? "";
  return [text(1), text(2)];
}

function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const next = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError("The protobuf message ends within a number.");
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = next();
    const number = Math.floor(key / 8);
    if (key % 8 === VARINT) {
      next();
      found.push({ number, bytes: Buffer.alloc(0) });
    } else if (key % 8 === LENGTH_DELIMITED) {
      const length = next();
      if (at + length > message.length) {
        throw new RangeError("The protobuf message ends within a field.");
      }
      found.push({ number, bytes: message.subarray(at, at + length) });
      at += length;
    } else {
      throw new RangeError(`The protobuf message has a field of the unknown kind ${key % 8}.`);
    }
  }
  return found;
}

function tag(number: number, kind: number): Buffer {
  return varint(number * 8 + kind);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  // No bit operations: they know 32 bits, and timestamps have more.
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}
