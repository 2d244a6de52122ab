import { shutdownSignal } from "./shutdown-signal.ts";
import { STREAM_HEADERS } from "./stream-headers.ts";

// Proxies and browsers give up on a connection over which nothing comes.
const KEEP_ALIVE_MS = 15_000;
const COMMENT = ": still here\n\n";

/** One event; without a name it is a `message`. */
export interface ServerEvent {
  event?: string;
  data: unknown;
}

/**
 * Answers with server-sent events, as they come out of `source`, which is given a signal that is aborted when the
 * reader leaves. The answer ends with the source.
 */
export function eventStream(
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
  request: Request,
): Response {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, request.signal, shutdownSignal()]);
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => controller.enqueue(encoder.encode(COMMENT)), KEEP_ALIVE_MS);
      void send(controller);
    },
    cancel() {
      clearInterval(timer);
      left.abort();
    },
  });

  async function send(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for await (const { event, data } of source(signal)) {
        if (signal.aborted) break;
        const name = event === undefined ? "" : `event: ${event}\n`;
        controller.enqueue(encoder.encode(`${name}data: ${JSON.stringify(data)}\n\n`));
      }
      if (!left.signal.aborted) controller.close();
    } catch (error) {
      if (!left.signal.aborted) controller.error(error);
    } finally {
      clearInterval(timer);
    }
  }

  return new Response(body, {
    headers: { ...STREAM_HEADERS, "content-type": "text/event-stream; charset=utf-8" },
  });
}
