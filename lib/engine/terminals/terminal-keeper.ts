import { SandboxError } from "../../contract/errors.ts";
import {
  TerminalRequest,
  type TerminalRequestInput,
  TerminalSize,
  type TerminalView,
} from "../../contract/terminal.ts";
import { abortable } from "../../std/abortable.ts";
import { newId } from "../../std/ids.ts";
import { requireSignal } from "../commands/command-signals.ts";
import { Deadlines } from "../sessions/deadlines.ts";
import type { Terminals, Waiting } from "../engine.ts";
import { KeptTerminal } from "./kept-terminal.ts";
import { parseRequest } from "../parse-request.ts";
import type { Clock } from "../ports.ts";

export interface TerminalKeeperOptions {
  /** Opens one in the session, in its directory unless told another. */
  open: (sessionId: string, request: TerminalRequest) => ReturnType<Terminals["open"]>;
  /** Throws what `LiveSessions.require` does. */
  enter: (sessionId: string) => Promise<void>;
  inUse: (sessionId: string) => Disposable;
  /** Whether nothing in the session can end now. */
  isFrozen: (sessionId: string) => boolean;
  /** Where a terminal of the session starts. Throws `session_not_found`. */
  directoryOf: (sessionId: string, cwd?: string) => string;
  clock: Clock;
}

/** How long, and how many of a session's, terminals that ended are remembered. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 20;

/** Terminals that the engine keeps until they end, and remembers for a while after that. */
export class TerminalKeeper implements Omit<Terminals, "open">, AsyncDisposable {
  readonly #options: TerminalKeeperOptions;
  readonly #sessions = new Map<string, Map<string, KeptTerminal>>();
  /** Those that are being opened: their ids are taken. */
  readonly #opening = new Set<string>();
  readonly #deadlines: Deadlines;

  constructor(options: TerminalKeeperOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options);
  }

  async start(sessionId: string, input: TerminalRequestInput): Promise<TerminalView> {
    const request = parseRequest(TerminalRequest, input, "terminal");
    const cwd = this.#options.directoryOf(sessionId, request.cwd);
    const id = request.id ?? newId("pty");
    const key = `${sessionId} ${id}`;
    if (this.#sessions.get(sessionId)?.has(id) || this.#opening.has(key)) {
      throw new SandboxError(
        "name_taken",
        `Session ${sessionId} has a terminal ${id} already; look at that one, or choose another id.`,
      );
    }
    this.#opening.add(key);
    try {
      const terminal = await this.#options.open(sessionId, request);
      const { cmd, args, columns, rows } = request;
      const pid = await terminal.findPid();
      const kept = new KeptTerminal(terminal, {
        id,
        ...(pid !== undefined && { pid }),
        cmd,
        args,
        cwd,
        columns,
        rows,
        startedAt: this.#options.clock.now(),
        exitCode: null,
      });
      const own = this.#sessions.get(sessionId) ?? new Map<string, KeptTerminal>();
      this.#sessions.set(sessionId, own.set(id, kept));
      void kept.ended.then(() => this.#remember(sessionId, id)); // Never rejects.
      return kept.view;
    } finally {
      this.#opening.delete(key);
    }
  }

  list(sessionId: string): TerminalView[] {
    this.#options.directoryOf(sessionId);
    return [...(this.#sessions.get(sessionId)?.values() ?? [])].map(({ view }) => view);
  }

  get(sessionId: string, id: string): TerminalView {
    return this.#find(sessionId, id).view;
  }

  async *attach(
    sessionId: string,
    id: string,
    { signal }: Waiting = {},
  ): AsyncGenerator<Uint8Array, void, void> {
    const kept = this.#find(sessionId, id);
    using _use = this.#options.inUse(sessionId);
    yield* kept.read(signal);
  }

  async write(sessionId: string, id: string, data: Uint8Array): Promise<void> {
    const { terminal } = await this.#enter(sessionId, id);
    terminal.write(data);
  }

  async resize(sessionId: string, id: string, size: TerminalSize): Promise<TerminalView> {
    const wanted = parseRequest(TerminalSize, size, "size");
    const kept = await this.#enter(sessionId, id);
    kept.resize(wanted);
    return kept.view;
  }

  async signal(sessionId: string, id: string, signal: number): Promise<void> {
    requireSignal(signal);
    const { terminal } = await this.#enter(sessionId, id);
    terminal.signal(signal);
  }

  async wait(sessionId: string, id: string, { signal }: Waiting = {}): Promise<number> {
    const kept = this.#find(sessionId, id);
    using _use = this.#options.inUse(sessionId);
    return await abortable(kept.ended, signal);
  }

  /** Closes those that are open: their programs end, those of a frozen session when it goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#sessions]
      .filter(([sessionId]) => !this.#options.isFrozen(sessionId))
      .flatMap(([, own]) => [...own.values()]);
    await Promise.all(all.map((kept) => kept.end()));
    this.#deadlines[Symbol.dispose]();
  }

  /** One that has ended takes nothing, whatever became of its session. */
  async #enter(sessionId: string, id: string): Promise<KeptTerminal> {
    const kept = this.#find(sessionId, id);
    if (kept.view.exitCode === null) await this.#options.enter(sessionId);
    return kept;
  }

  #find(sessionId: string, id: string): KeptTerminal {
    this.#options.directoryOf(sessionId);
    const kept = this.#sessions.get(sessionId)?.get(id);
    if (kept) return kept;
    throw new SandboxError(
      "terminal_not_found",
      `Session ${sessionId} has no terminal ${id}. One that ended is remembered for ${REMEMBERED_MS / 1_000} s.`,
    );
  }

  #remember(sessionId: string, id: string): void {
    const own = this.#sessions.get(sessionId);
    const ended = [...(own ?? [])].filter(([, { view }]) => view.exitCode !== null);
    for (const [oldest] of ended.slice(0, -REMEMBERED)) this.#forget(sessionId, oldest);
    const until = this.#options.clock.now() + REMEMBERED_MS;
    this.#deadlines.set(`${sessionId} ${id}`, until, () => this.#forget(sessionId, id));
  }

  #forget(sessionId: string, id: string): void {
    const own = this.#sessions.get(sessionId);
    own?.delete(id);
    if (own?.size === 0) this.#sessions.delete(sessionId);
    this.#deadlines.clear(`${sessionId} ${id}`);
  }
}
