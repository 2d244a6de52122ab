import type { UnderlyingSource } from "node:stream/web";

interface KeepAliveOptions {
  /** Sent while there is nothing else to send, so that no one between here and the reader hangs up. */
  filler: string | Uint8Array;
  silenceMs: number;
  /** Called when the reader leaves: what the pieces wait for is to be called off. */
  leave?: (reason: unknown) => void;
}

/**
 * The pieces (text goes as UTF-8) as bytes, one at a time, each made only when the reader has room for it. A
 * reader that leaves ends the pieces; so does an error of theirs, which the reader then sees.
 */
export function keepAliveStream<Piece extends string | Uint8Array>(
  pieces: AsyncGenerator<Piece, void, void>,
  { filler, silenceMs, leave }: KeepAliveOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const encode = (piece: string | Uint8Array) =>
    typeof piece === "string" ? encoder.encode(piece) : piece;
  let pending: Promise<IteratorResult<Piece, void>> | undefined;
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      pending ??= pieces.next();
      const result = await unlessSilent(pending, silenceMs);
      if (result === undefined) {
        controller.enqueue(encode(filler));
        return;
      }
      pending = undefined;
      if (result.done) controller.close();
      else controller.enqueue(encode(result.value));
    },
    cancel(reason) {
      leave?.(reason);
      // Its error is the reader's own leaving, and nobody is left to be told.
      void pieces.return().catch(() => undefined);
    },
  };
  // Nothing is made ahead: an answer that nobody reads starts nothing.
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** The promise's result, or undefined when it takes longer than that. */
export async function unlessSilent<T>(
  promise: Promise<T>,
  silenceMs: number,
): Promise<T | undefined> {
  const silence = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => silence.resolve(undefined), silenceMs);
  try {
    return await Promise.race([promise, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}
