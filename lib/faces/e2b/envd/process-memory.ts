/** A process of a session: one of its commands, or one of its terminals. */
export interface ProcessId {
  sessionId: string;
  id: string;
  isTerminal: boolean;
}

/** What a process was started with, and what was done to it: more than the engine keeps of a command. */
export interface Remembered extends ProcessId {
  /** Made up where the engine knows none. */
  pid: number;
  tag?: string;
  envs: Record<string, string>;
  /** The last signal that was sent to it from here. */
  signal?: number;
}

export type Selector = { pid: number } | { tag: string };

// Far above what Linux gives out, so that no real one is mistaken for it.
const FIRST_MADE_UP_PID = 0x4000_0000;

/** Variables and tags of processes, while they run: variables may hold secrets, so nothing of this is written down. */
export class ProcessMemory {
  readonly #all = new Map<string, Remembered>();
  #nextPid = FIRST_MADE_UP_PID;

  add({ pid, ...given }: Omit<Remembered, "pid"> & { pid: number | undefined }): Remembered {
    const remembered = { ...given, pid: pid ?? this.#nextPid++ };
    this.#all.set(key(remembered), remembered);
    return remembered;
  }

  get(process: ProcessId): Remembered | undefined {
    return this.#all.get(key(process));
  }

  /** The newest of the session with that pid or tag. */
  find(sessionId: string, selector: Selector): Remembered | undefined {
    return [...this.#all.values()].findLast(
      (each) =>
        each.sessionId === sessionId &&
        ("pid" in selector ? each.pid === selector.pid : each.tag === selector.tag),
    );
  }

  forget(process: ProcessId): void {
    this.#all.delete(key(process));
  }
}

function key({ sessionId, id, isTerminal }: ProcessId): string {
  return `${sessionId} ${isTerminal ? "terminal" : "command"} ${id}`;
}
