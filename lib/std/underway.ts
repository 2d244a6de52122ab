/** Work that is under way, by key, so that whoever ends the key can wait for it. */
export class Underway {
  readonly #tasks = new Map<string, Set<Promise<unknown>>>();

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  /** Runs the task at once and gives its result or its error. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const tasks = this.#tasks.get(key) ?? new Set();
    this.#tasks.set(key, tasks);
    const running = task();
    tasks.add(running);
    try {
      return await running;
    } finally {
      tasks.delete(running);
      if (tasks.size === 0) this.#tasks.delete(key);
    }
  }

  /** Waits for what is under way now, of one key or of all. Never rejects. */
  async settled(key?: string): Promise<void> {
    const sets = key === undefined ? [...this.#tasks.values()] : [this.#tasks.get(key) ?? []];
    await Promise.allSettled(sets.flatMap((tasks) => [...tasks]));
  }
}
