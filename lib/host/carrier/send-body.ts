import { CARRIER_LIMITS } from "../../contract/carrier.ts";
import type { ByteWindow } from "./byte-window.ts";

/** A piece of a body, as a frame carries it. */
export interface BodyPart {
  data: string;
  end: boolean;
}

/**
 * The body in pieces that fit into frames, each as soon as it is there. The last one says that it is the
 * last; it may be empty. Cancels the body when its reader stops early.
 */
export async function* bodyParts(
  body: ReadableStream<Uint8Array>,
  { window, signal }: { window: ByteWindow; signal: AbortSignal },
): AsyncGenerator<BodyPart, void, void> {
  const reader = body.getReader();
  const onAbort = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (true) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      for (let start = 0; start < value.length; start += CARRIER_LIMITS.chunkBytes) {
        const piece = value.subarray(start, start + CARRIER_LIMITS.chunkBytes);
        await window.take(piece.length, signal);
        yield { data: Buffer.from(piece).toString("base64"), end: false };
      }
    }
    yield { data: "", end: true };
  } finally {
    signal.removeEventListener("abort", onAbort);
    await reader.cancel().catch(() => undefined);
  }
}
