/**
 * Server-sent events from a generator of their texts. The generator is ended when the reader leaves; when it throws
 * because the signal was aborted, the answer just ends.
 */
export function eventResponse(
  events: AsyncGenerator<string>,
  { signal, headers }: { signal: AbortSignal; headers?: Record<string, string> },
): Response {
  const body = new ReadableStream<string>({
    start(controller) {
      // The first bytes send the head of the answer: a reader knows that it is connected.
      controller.enqueue(": connected\n\n");
    },
    async pull(controller) {
      try {
        const { done, value } = await events.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (signal.aborted) controller.close();
        else controller.error(error);
      }
    },
    async cancel() {
      await events.return(undefined);
    },
  });
  return new Response(body.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache", ...headers },
  });
}
