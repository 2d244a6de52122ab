// The frames of S2's streaming protocol: three bytes of length, which counts the flag, too; the flag; the body.
const LENGTH_BYTES = 3;
const TERMINAL = 0x80;
const COMPRESSION = 0x60;
/** More than any frame that holds a batch of at most 1 MiB. */
const LIMIT_BYTES = 2 * 1024 * 1024;

/** A frame with a message. */
export function messageFrame(body: Buffer): Buffer {
  return frame(0, body);
}

/** The last frame: why the stream ends. */
export function errorFrame(status: number, message: string): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(status);
  const body = Buffer.from(JSON.stringify({ code: "invalid", message }));
  return frame(TERMINAL, Buffer.concat([code, body]));
}

/** Yields the bodies of the frames in the bytes, up to the last frame. Throws a RangeError for what is none. */
export async function* readFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length > LENGTH_BYTES) {
      const length = pending.readUIntBE(0, LENGTH_BYTES);
      if (length < 1 || length > LIMIT_BYTES) {
        throw new RangeError(`A frame says that it has ${length} bytes.`);
      }
      if (pending.length < LENGTH_BYTES + length) break;
      const flag = pending[LENGTH_BYTES] ?? 0;
      if ((flag & COMPRESSION) !== 0) throw new RangeError("Compressed frames are not understood.");
      if ((flag & TERMINAL) !== 0) return;
      yield pending.subarray(LENGTH_BYTES + 1, LENGTH_BYTES + length);
      pending = pending.subarray(LENGTH_BYTES + length);
    }
  }
}

function frame(flag: number, body: Buffer): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES + 1);
  head.writeUIntBE(body.length + 1, 0, LENGTH_BYTES);
  head[LENGTH_BYTES] = flag;
  return Buffer.concat([head, body]);
}
