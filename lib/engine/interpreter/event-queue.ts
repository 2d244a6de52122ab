/**
 * Hands things from one to another, in order. Whoever adds waits while more than a few are not taken; nobody has to
 * wait any more once it is closed.
 */
export class EventQueue<Event> {
  readonly #waiting: Event[] = [];
  readonly #room: number;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor({ room }: { room: number }) {
    this.#room = room;
  }

  /** What is added after the end is nobody's. */
  async add(event: Event): Promise<void> {
    if (this.#isClosed) return;
    this.#waiting.push(event);
    this.#tell();
    while (this.#waiting.length > this.#room && !this.#isClosed) await this.#changed.promise;
  }

  close(): void {
    this.#isClosed = true;
    this.#tell();
  }

  /** Ends when it is closed and all was taken. Leaving closes it. */
  async *read(): AsyncGenerator<Event, void, void> {
    try {
      while (true) {
        for (
          let event = this.#waiting.shift();
          event !== undefined;
          event = this.#waiting.shift()
        ) {
          this.#tell();
          yield event;
        }
        if (this.#isClosed) return;
        await this.#changed.promise;
      }
    } finally {
      this.#waiting.length = 0;
      this.close();
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
