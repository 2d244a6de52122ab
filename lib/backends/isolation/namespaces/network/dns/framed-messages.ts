import type { Readable } from "node:stream";

/** A DNS message as it goes over TCP: its length comes first (RFC 1035, 4.2.2). */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The messages of a stream, each once it is whole. What is left over at the end is dropped. */
export async function* readFramed(stream: Readable): AsyncGenerator<Buffer, void, void> {
  // At most one message of 64 KiB is waited for, and one chunk beyond it.
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0);
      if (rest.length < end) break;
      yield rest.subarray(2, end);
      rest = rest.subarray(end);
    }
  }
}
