// The longest that a timer can wait; it is never meant to go off.
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive while somebody waits for an answer. An engine in the same process does not do
 * that by itself, and Node would end a program whose promises nothing is left to settle.
 */
export class Wakefulness {
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  get waiting(): number {
    return this.#waiting;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#timer = setInterval(() => undefined, FOREVER_MS);
    try {
      return await work();
    } finally {
      if (--this.#waiting === 0) clearInterval(this.#timer);
    }
  }

  /** The same answer, which keeps the process alive while its body is being waited for. */
  whileRead(response: Response): Response {
    if (!response.body) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) =>
          this.during(async () => {
            const { done, value } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(value);
          }),
        cancel: (reason) => reader.cancel(reason),
      },
      // A body that nobody reads must not hold the process.
      { highWaterMark: 0 },
    );
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  }
}
