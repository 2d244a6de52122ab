import { SandboxError } from "../../contract/errors.ts";

interface TransactionSteps {
  /** When it throws, nothing has begun. */
  begin(): void;
  commit(): void;
  /** Must not throw: the reason for going back is what the caller has to see. */
  rollback(): void;
}

/** The rules of `Store.transaction`, which are the same for every store. */
export class Transactions {
  #running = false;

  get running(): boolean {
    return this.#running;
  }

  /** Throws `internal`, and takes everything back, for a transaction in another one or one that would go on later. */
  run<T>(work: () => T, steps: TransactionSteps): T {
    if (this.#running) {
      throw new SandboxError(
        "internal",
        "A transaction was started inside another one. Put all the work into the outer one.",
      );
    }
    steps.begin();
    this.#running = true;
    try {
      const result = work();
      if (isThenable(result)) {
        throw new SandboxError(
          "internal",
          "The work of a transaction returned a promise. It must be done when it returns, or others would write into the same transaction.",
        );
      }
      steps.commit();
      return result;
    } catch (error) {
      steps.rollback();
      throw error;
    } finally {
      this.#running = false;
    }
  }
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
