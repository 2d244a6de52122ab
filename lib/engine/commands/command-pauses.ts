import { constants } from "node:os";
import type { Command } from "../../contract/command.ts";
import type { CommandRecords } from "./command-records.ts";
import type { CommandSignals } from "./command-signals.ts";
import { Deadlines } from "../sessions/deadlines.ts";
import type { Clock } from "../ports.ts";

interface Pausable {
  /** Replaced when its session goes on. */
  command: Command;
  signals: CommandSignals;
}

const { SIGKILL } = constants.signals;

/** Ends commands at their own time limits, which stand still while their session is paused. */
export class CommandPauses implements Disposable {
  readonly #clock: Clock;
  readonly #records: CommandRecords;
  readonly #deadlines: Deadlines;
  readonly #watched = new Map<string, Pausable>();
  readonly #paused = new Set<string>();

  constructor({ clock, records }: { clock: Clock; records: CommandRecords }) {
    this.#clock = clock;
    this.#records = records;
    this.#deadlines = new Deadlines({ clock });
  }

  watch(running: Pausable): void {
    const { id, sessionId } = running.command;
    this.#watched.set(id, running);
    if (this.#paused.has(sessionId)) running.signals.hold();
    else this.#arm(running);
  }

  end(commandId: string): void {
    this.#watched.delete(commandId);
    this.#deadlines.clear(commandId);
  }

  pause(sessionId: string): void {
    this.#paused.add(sessionId);
    for (const { command, signals } of this.#ofSession(sessionId)) {
      this.#deadlines.clear(command.id);
      signals.hold();
    }
  }

  /** The limits are later by as much as the session was paused since then. They go on also when that cannot be recorded. */
  resume(sessionId: string, pausedAt: number): void {
    this.#paused.delete(sessionId);
    const later: Pausable[] = [];
    for (const running of this.#ofSession(sessionId)) {
      running.signals.release();
      const { command } = running;
      const pausedMs = this.#clock.now() - Math.max(pausedAt, command.startedAt);
      if (command.timeoutMs !== undefined && pausedMs > 0) {
        running.command = { ...command, pausedMs: (command.pausedMs ?? 0) + pausedMs };
        later.push(running);
      }
      this.#arm(running);
    }
    for (const { command } of later) this.#records.add(command);
  }

  /** Whether one runs in a session that is not paused. */
  get isAnyAwake(): boolean {
    return [...this.#watched.values()].some(({ command }) => !this.#paused.has(command.sessionId));
  }

  /** Of a session that has ended. */
  forget(sessionId: string): void {
    this.#paused.delete(sessionId);
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
    this.#watched.clear();
  }

  #arm({ command, signals }: Pausable): void {
    const { id, startedAt, timeoutMs, pausedMs = 0 } = command;
    if (timeoutMs === undefined) return;
    this.#deadlines.set(id, startedAt + timeoutMs + pausedMs, () => signals.fromEngine(SIGKILL));
  }

  #ofSession(sessionId: string): Pausable[] {
    return [...this.#watched.values()].filter(({ command }) => command.sessionId === sessionId);
  }
}
