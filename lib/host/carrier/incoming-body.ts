import { CARRIER_LIMITS } from "../../contract/carrier.ts";

export interface IncomingBodyOptions {
  /** Tells the sender that so much was taken in. */
  credit: (bytes: number) => void;
  /** The reader does not want the rest. */
  leave: (reason: unknown) => void;
}

/** A body that arrives in frames, as a stream whose reader's pace the sender is told. */
export class IncomingBody {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  readonly #arrived: Uint8Array[] = [];
  readonly #options: IncomingBodyOptions;
  #state: "open" | "ended" | "closed" = "open";
  #wanted: (() => void) | undefined;
  #uncredited = 0;

  constructor(options: IncomingBodyOptions) {
    this.#options = options;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pull(),
        cancel: (reason) => {
          this.#state = "closed";
          options.leave(reason);
        },
      },
      // A reader that takes nothing must not be counted as one that took something.
      { highWaterMark: 0 },
    );
  }

  add(chunk: Uint8Array): void {
    if (this.#state !== "open" || chunk.length === 0) return;
    this.#arrived.push(chunk);
    this.#wanted?.();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#wanted?.();
    // A reader that has taken everything and does not ask again is told all the same.
    if (this.#arrived.length === 0) this.#close();
  }

  fail(error: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#controller.error(error);
    this.#wanted?.();
  }

  async #pull(): Promise<void> {
    if (this.#arrived.length === 0 && this.#state === "open") {
      const wanted = Promise.withResolvers<void>();
      this.#wanted = wanted.resolve;
      await wanted.promise;
      this.#wanted = undefined;
    }
    if (this.#state === "closed") return;
    const chunk = this.#arrived.shift();
    if (chunk) {
      this.#controller.enqueue(chunk);
      this.#count(chunk.length);
    }
    if (this.#state === "ended" && this.#arrived.length === 0) this.#close();
  }

  #close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#controller.close();
  }

  /** In steps of a quarter of the window, so that few records carry nothing but credit. */
  #count(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#uncredited < CARRIER_LIMITS.windowBytes / 4 || this.#state === "ended") return;
    this.#options.credit(this.#uncredited);
    this.#uncredited = 0;
  }
}
