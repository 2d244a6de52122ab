import { UI_MESSAGE_STREAM_HEADERS } from "ai";
import type { StudioChunk } from "../../contract/message.ts";
import { shutdownSignal } from "./shutdown-signal.ts";
import { STREAM_HEADERS } from "./stream-headers.ts";

// Proxies and browsers give up on a connection over which nothing comes.
const KEEP_ALIVE_MS = 15_000;
const COMMENT = ": still here\n\n";
const END = "data: [DONE]\n\n";

/** Answers with a turn's stream, as the AI SDK's client reads it. A reader that leaves does not stop the turn. */
export function chunkStream(chunks: AsyncGenerator<StudioChunk>, request: Request): Response {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  const { promise: ending, resolve } = Promise.withResolvers<undefined>();
  const endNow = (): void => resolve(undefined);
  const shutdown = shutdownSignal();
  shutdown.addEventListener("abort", endNow, { once: true });
  const tidy = (): void => {
    clearInterval(timer);
    shutdown.removeEventListener("abort", endNow);
  };
  const end = (): void => {
    tidy();
    void chunks.return(undefined);
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => controller.enqueue(encoder.encode(COMMENT)), KEEP_ALIVE_MS);
      request.signal.addEventListener("abort", end, { once: true });
    },
    async pull(controller) {
      const next = await Promise.race([chunks.next(), ending]);
      // Without the mark of its end, so that the client joins again when the studio is back.
      if (!next) {
        tidy();
        controller.close();
      } else if (next.done) {
        tidy();
        controller.enqueue(encoder.encode(END));
        controller.close();
      } else {
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(next.value)}\n\n`));
      }
    },
    cancel: end,
  });
  return new Response(body, { headers: { ...UI_MESSAGE_STREAM_HEADERS, ...STREAM_HEADERS } });
}
