import type { Command } from "../../../contract/command.ts";
import type { TerminalView } from "../../../contract/terminal.ts";
import type { Engine } from "../../../engine/engine.ts";
import { everyItem } from "../../../engine/every-item.ts";
import { interpreters } from "../../../engine/interpreters.ts";
import { Refusal } from "./connect-codes.ts";
import { ProcessMemory, type ProcessId, type Remembered, type Selector } from "./process-memory.ts";

const KILL = 9;
// As long as the vendor's servers tell how a process ended to one who asks late.
const REMEMBERED_MS = 30_000;

/** A process that runs, or ended so short a while ago that it can still be asked about. */
export interface FoundProcess extends ProcessId {
  pid: number;
  /** null while it runs. */
  exitCode: number | null;
}

/** A command or a terminal as the vendor lists it. */
export interface ListedProcess {
  config: { cmd: string; args: string[]; envs: Record<string, string>; cwd: string };
  pid: number;
  tag?: string;
}

/** The processes of all sandboxes, by the numbers and tags by which the vendor's clients name them. */
export class Processes {
  readonly #engine: Engine;
  readonly #now: () => number;
  readonly #memory = new ProcessMemory();

  constructor({ engine, now }: { engine: Engine; now: () => number }) {
    this.#engine = engine;
    this.#now = now;
  }

  /** Remembers one that was just started, until half a minute after its end. `killAfterMs` bounds a terminal's life. */
  add(
    process: Omit<Remembered, "pid"> & { pid: number | undefined },
    { killAfterMs }: { killAfterMs?: number } = {},
  ): Remembered {
    const remembered = this.#memory.add(process);
    const kill = () => void this.signal(remembered, KILL).catch(() => undefined);
    const timer = killAfterMs === undefined ? undefined : setTimeout(kill, killAfterMs).unref();
    const forget = () => {
      clearTimeout(timer);
      setTimeout(() => this.#memory.forget(remembered), REMEMBERED_MS).unref();
    };
    // A wait that fails is one for a process that is gone with its sandbox.
    void this.#wait(remembered).then(forget, forget);
    return remembered;
  }

  remembered(process: ProcessId): Remembered | undefined {
    return this.#memory.get(process);
  }

  /** Throws Refusal `not_found`. With `ended`, one that ended less than half a minute ago is found, too. */
  async find(
    sessionId: string,
    selector: Selector,
    { ended = false }: { ended?: boolean } = {},
  ): Promise<FoundProcess> {
    const found =
      (await this.#findRemembered(sessionId, selector)) ?? this.#search(sessionId, selector);
    if (found && (ended || found.exitCode === null)) return found;
    const which = "pid" in selector ? `pid ${selector.pid}` : `tag ${JSON.stringify(selector.tag)}`;
    throw new Refusal("not_found", `process with ${which} not found`);
  }

  /** Those that run, but for what runs the code interpreter's code: at the vendor's that is beside them, not among them. */
  list(sessionId: string): ListedProcess[] {
    const kernels = interpreters(this.#engine);
    const commands = [...this.#commands(sessionId)]
      .filter(({ exitCode, id }) => exitCode === null && !kernels.owns(sessionId, id))
      .map((command) => this.#present(command, { sessionId, isTerminal: false }));
    const terminals = this.#engine.terminals
      .list(sessionId)
      .filter(({ exitCode }) => exitCode === null)
      .map((terminal) => this.#present(terminal, { sessionId, isTerminal: true }));
    return [...commands, ...terminals];
  }

  async signal(process: ProcessId, signal: number): Promise<void> {
    const remembered = this.#memory.get(process);
    if (remembered) remembered.signal = signal;
    const { sessionId, id, isTerminal } = process;
    if (isTerminal) await this.#engine.terminals.signal(sessionId, id, signal);
    else await this.#engine.commands.kill(sessionId, id, signal);
  }

  async #wait({ sessionId, id, isTerminal }: ProcessId): Promise<void> {
    if (isTerminal) await this.#engine.terminals.wait(sessionId, id);
    else await this.#engine.commands.wait(sessionId, id);
  }

  async #findRemembered(sessionId: string, selector: Selector): Promise<FoundProcess | undefined> {
    const remembered = this.#memory.find(sessionId, selector);
    if (!remembered) return undefined;
    const { id, isTerminal } = remembered;
    const { exitCode } = isTerminal
      ? this.#engine.terminals.get(sessionId, id)
      : await this.#engine.commands.get(sessionId, id);
    return { ...remembered, exitCode };
  }

  /** Of those that others started, or that were started before this engine was. */
  #search(sessionId: string, selector: Selector): FoundProcess | undefined {
    if (!("pid" in selector)) return undefined;
    const { pid } = selector;
    const isIt = (each: { pid?: number | undefined }) => each.pid === pid;
    const terminal = this.#engine.terminals.list(sessionId).findLast(isIt);
    if (terminal?.exitCode === null) {
      return { sessionId, id: terminal.id, isTerminal: true, pid, exitCode: null };
    }
    for (const command of this.#commands(sessionId)) {
      if (!isIt(command) || this.#isLongOver(command)) continue;
      return { sessionId, id: command.id, isTerminal: false, pid, exitCode: command.exitCode };
    }
    return undefined;
  }

  #isLongOver({ exitCode, startedAt, durationMs = 0 }: Command): boolean {
    return exitCode !== null && startedAt + durationMs < this.#now() - REMEMBERED_MS;
  }

  /** The newest first. */
  #commands(sessionId: string): Generator<Command, void, void> {
    const { commands } = this.#engine;
    return everyItem((part) => commands.list(sessionId, { ...part, sortOrder: "desc" }));
  }

  /** One whose number nobody asked for when it was started gets one here, so that it can be named. */
  #present(
    { id, cmd, args, cwd, pid }: Command | TerminalView,
    { sessionId, isTerminal }: Omit<ProcessId, "id">,
  ): ListedProcess {
    const process = { sessionId, id, isTerminal };
    const remembered = this.#memory.get(process) ?? this.add({ ...process, pid, envs: {} });
    const { tag, envs } = remembered;
    return {
      config: { cmd, args, envs, cwd },
      pid: remembered.pid,
      ...(tag !== undefined && { tag }),
    };
  }
}
