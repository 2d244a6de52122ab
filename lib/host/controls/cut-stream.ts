import { setImmediate as turn } from "node:timers/promises";

/**
 * The same answer, whose body breaks off after so many bytes. One that is shorter is whole. The reader gets what
 * was before the break, and then an error, as if the connection were lost.
 */
export function cutAnswer(response: Response, afterBytes: number): Response {
  if (!response.body) return response;
  const { status, statusText, headers } = response;
  return new Response(cut(response.body, afterBytes), { status, statusText, headers });
}

function cut(body: ReadableStream<Uint8Array>, afterBytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = afterBytes;
  let isCut = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isCut) {
          // A server that is told of an error drops what it has not handed to the system yet.
          await turn();
          return controller.error(broken());
        }
        const { done, value } = await reader.read();
        if (done) return controller.close();
        if (value.byteLength <= left) {
          left -= value.byteLength;
          return controller.enqueue(value);
        }
        isCut = true;
        // An error throws away what is queued before it, so it comes when this piece was taken.
        void reader.cancel(broken()).catch(() => undefined);
        if (left === 0) return controller.error(broken());
        controller.enqueue(value.subarray(0, left));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function broken(): Error {
  return new Error("A test asked for this connection to break.");
}
