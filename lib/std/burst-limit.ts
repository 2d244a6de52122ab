export interface BurstLimitOptions {
  /** How many calls pass at once before any has to wait. */
  burst: number;
  /** After how long one more may pass. */
  everyMs: number;
}

/** Lets calls pass at once while they are few, and evenly spread while they are many. */
export class BurstLimit {
  readonly #options: BurstLimitOptions;
  #credit: number;
  #countedAt: number;

  /** Times are in milliseconds of any clock that does not go back. */
  constructor(options: BurstLimitOptions, now: number) {
    this.#options = options;
    this.#credit = options.burst;
    this.#countedAt = now;
  }

  /** Takes the next call; gives how many milliseconds it has to wait. */
  take(now: number): number {
    const { burst, everyMs } = this.#options;
    this.#credit = Math.min(burst, this.#credit + (now - this.#countedAt) / everyMs) - 1;
    this.#countedAt = now;
    return Math.max(0, -this.#credit * everyMs);
  }
}
