import { Refusal } from "./connect-codes.ts";

// A message of a stream is one byte of flags, its length in four (the highest first), and the message.
const PREFIX_BYTES = 5;
const COMPRESSED = 0b01;
const END = 0b10;

/** One message of a stream; with `end`, the stream's last, which says how it ended. */
export function encodeFrame(message: object, { end = false } = {}): Uint8Array {
  const text = JSON.stringify(message);
  // Written once, to where it stays: most of what goes through here is a command's output.
  const size = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + size);
  frame.writeUInt8(end ? END : 0);
  frame.writeUInt32BE(size, 1);
  frame.write(text, PREFIX_BYTES);
  return frame;
}

export interface Frame {
  payload: Uint8Array;
  end: boolean;
}

/**
 * The messages in a body, whatever pieces it comes in. Throws Refusal: `invalid_argument` for a body that stops in the
 * middle of a message, `unimplemented` for a compressed one, `resource_exhausted` for one over the limit (of which
 * nothing is read).
 */
export async function* decodeFrames(
  body: AsyncIterable<Uint8Array>,
  { limitBytes }: { limitBytes: number },
): AsyncGenerator<Frame, void, void> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let wanted: number | undefined;
  for await (const piece of body) {
    pieces.push(piece);
    held += piece.byteLength;
    if (held < (wanted ?? PREFIX_BYTES)) continue;
    let bytes = pieces.length === 1 ? piece : Buffer.concat(pieces, held);
    while (bytes.byteLength >= PREFIX_BYTES) {
      const { flags, size } = readPrefix(bytes, limitBytes);
      wanted = PREFIX_BYTES + size;
      if (bytes.byteLength < wanted) break;
      yield { payload: bytes.subarray(PREFIX_BYTES, wanted), end: (flags & END) !== 0 };
      bytes = bytes.subarray(wanted);
      wanted = undefined;
    }
    pieces = bytes.byteLength > 0 ? [bytes] : [];
    held = bytes.byteLength;
  }
  if (held > 0) {
    throw new Refusal(
      "invalid_argument",
      `The body ends in the middle of a message: ${held} bytes are left over.`,
    );
  }
}

function readPrefix(bytes: Uint8Array, limitBytes: number): { flags: number; size: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [flags, size] = [view.getUint8(0), view.getUint32(1)];
  if ((flags & COMPRESSED) !== 0) {
    throw new Refusal("unimplemented", "Compressed messages are not taken; none was agreed on.");
  }
  if (flags > (COMPRESSED | END)) {
    throw new Refusal(
      "invalid_argument",
      `A message begins with the flags ${flags}, which mean nothing.`,
    );
  }
  if (size > limitBytes) {
    throw new Refusal(
      "resource_exhausted",
      `A message may have ${limitBytes} bytes; this one has ${size}.`,
    );
  }
  return { flags, size };
}
