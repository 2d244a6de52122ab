/**
 * What must be undone, in the reverse order. `AsyncDisposableStack` does the same, but Node 22 has none.
 */
export class Cleanup implements AsyncDisposable {
  #steps: (() => void | PromiseLike<void>)[] = [];

  add(step: () => void | PromiseLike<void>): void {
    this.#steps.push(step);
  }

  /** Takes every step, once, also when one of them fails; then throws the first failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
