/** Work that nobody waits for: it is kept track of until it is done, and what it throws is told in the studio's output. */
export class Background {
  readonly #underway = new Set<Promise<void>>();

  run(work: () => Promise<unknown>): void {
    const task = this.#guard(work);
    this.#underway.add(task);
    void task.finally(() => this.#underway.delete(task));
  }

  /** Resolves when nothing is underway any more. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      console.error("The studio could not do something in the background:", error);
    }
  }
}
