import { shutdownSignal } from "./shutdown-signal.ts";
import { STREAM_HEADERS } from "./stream-headers.ts";

/** Answers with NDJSON, line by line as they come; `source` gets a signal that is aborted when the reader leaves. */
export function lineStream(
  source: (signal: AbortSignal) => AsyncIterable<unknown>,
  request: Request,
): Response {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, request.signal, shutdownSignal()]);
  const encoder = new TextEncoder();
  let lines: AsyncIterator<unknown> | undefined;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      lines ??= source(signal)[Symbol.asyncIterator]();
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      left.abort();
      await lines?.return?.();
    },
  });
  return new Response(body, {
    headers: { ...STREAM_HEADERS, "content-type": "application/x-ndjson; charset=utf-8" },
  });
}
