/** Enough to keep Node's pool busy, which runs four at a time, and for makers that do several in one go. */
const LANES = 64;

/**
 * Runs tasks a few at a time. Those with the same key run one after the other, in
 * order. After a failure nothing more is started; `drain` throws the first one.
 */
export class WriteLanes {
  readonly #running = new Map<string, Promise<void>>();
  #failure: { error: unknown } | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** Starts the task as soon as there is room, and does not wait for its end. */
  async run(key: string, task: () => Promise<void>): Promise<void> {
    if (this.#running.has(key)) await this.drain();
    if (this.#running.size >= LANES) await (this.#room ??= Promise.withResolvers()).promise;
    if (this.#failure) throw this.#failure.error;
    const end = (failure?: { error: unknown }) => {
      this.#running.delete(key);
      this.#failure ??= failure;
      this.#room?.resolve();
      this.#room = undefined;
    };
    this.#running.set(
      key,
      task().then(
        () => end(),
        (error: unknown) => end({ error }),
      ),
    );
  }

  /** Waits for the task with the key, if one runs; `drain` tells what came of it. */
  async ended(key: string): Promise<void> {
    await this.#running.get(key);
  }

  /** Waits for all that runs. */
  async drain(): Promise<void> {
    await this.settle();
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for all that runs, whatever came of it. */
  async settle(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
