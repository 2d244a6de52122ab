import { abortable } from "../../std/abortable.ts";
import type { LoggedRequest } from "./control-words.ts";

/** What a test looks at is what it has just done. */
const KEPT = 1_000;

/** The last requests to the faces. A reader that falls behind misses those that are gone, by their numbers. */
export class RequestLog {
  #kept: LoggedRequest[] = [];
  #next = 1;
  #changed = Promise.withResolvers<void>();

  add(request: Omit<LoggedRequest, "number">): void {
    this.#kept.push({ number: this.#next++, ...request });
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  list(): LoggedRequest[] {
    return [...this.#kept];
  }

  clear(): void {
    this.#kept = [];
  }

  /** What is kept and then what comes, until the signal. Throws the signal's reason. */
  async *follow(signal: AbortSignal): AsyncGenerator<LoggedRequest, void, void> {
    let seen = 0;
    while (true) {
      const changed = this.#changed.promise;
      for (const request of this.list()) {
        if (request.number <= seen) continue;
        seen = request.number;
        yield request;
      }
      await abortable(changed, signal);
    }
  }
}
