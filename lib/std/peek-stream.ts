import { Readable } from "node:stream";

/** The first bytes of a stream (fewer if it is shorter), and a stream of all of it. */
export async function peekStream(
  stream: Readable,
  bytes: number,
): Promise<{ head: Buffer; all: Readable }> {
  const reader: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await reader.next();
    if (next.done) break;
    const chunk = Buffer.from(next.value);
    taken.push(chunk);
    length += chunk.length;
  }
  const rest = async function* () {
    try {
      yield* taken;
      while (true) {
        const next = await reader.next();
        if (next.done) return;
        yield Buffer.from(next.value);
      }
    } finally {
      await reader.return?.();
    }
  };
  return { head: Buffer.concat(taken), all: Readable.from(rest()) };
}
