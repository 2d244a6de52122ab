import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/**
 * The body as a stream of Node's. It fails when the caller leaves, also before anybody reads it: whoever reads it then
 * is told, and until then it is nobody's error.
 */
export function bodyOf({ body }: Request): Readable {
  if (!body) return Readable.from([], { objectMode: false });
  // The two declarations of one and the same class do not know each other.
  const stream = Readable.fromWeb(body as NodeReadableStream<Uint8Array>);
  // An error that nobody listens to would end the process.
  stream.on("error", () => undefined);
  return stream;
}
