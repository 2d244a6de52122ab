import type {
  Command,
  CommandRequestInput,
  OutputBytes,
  OutputChunk,
} from "../../contract/command.ts";
import { CommandRequest } from "../../contract/command.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Page, PageRequest } from "../../contract/page.ts";
import { Settlement } from "../../std/settlement.ts";
import { Underway } from "../../std/underway.ts";
import { readExit } from "./command-exit.ts";
import { CommandPauses } from "./command-pauses.ts";
import { CommandOutputs } from "./command-outputs.ts";
import { endedCommand } from "./command-record.ts";
import { CommandSignals, requireSignal } from "./command-signals.ts";
import { CommandRecords } from "./command-records.ts";
import { CommandStdin, type StdinWrite } from "./command-stdin.ts";
import type { Commands, Waiting } from "../engine.ts";
import { launchCommand } from "./launch-command.ts";
import type { LiveSession, LiveSessions } from "../sessions/live-sessions.ts";
import type { OutputFollower } from "./output-follower.ts";
import { parseRequest } from "../parse-request.ts";
import type { Clock, Exit, Isolation, Log, Process, Store } from "../ports.ts";

export interface CommandExecutorOptions {
  store: Store;
  sessions: LiveSessions;
  /** Holds one directory per command: its output, and what it ended with. */
  directory: string;
  clock: Clock;
  isolation: Isolation;
  log: Log;
  limits: { outputBytes: number };
}

interface Running {
  command: Command;
  signals: CommandSignals;
  follower: OutputFollower;
  stdin?: CommandStdin;
  ended: Settlement<Command>;
}

const OUT_OF_MEMORY = "sandlot: killed, because the sandbox's memory was used up";
const NO_STDIN = "it was started without attachStdin, or the engine was restarted since";

/** Runs commands and keeps what they wrote. A command outlives the engine; the next one takes it up. */
export class CommandExecutor implements Commands, AsyncDisposable {
  readonly #sessions: LiveSessions;
  readonly #clock: Clock;
  readonly #records: CommandRecords;
  readonly #outputs: CommandOutputs;
  readonly #pauses: CommandPauses;
  readonly #running = new Map<string, Running>();
  readonly #starts = new Underway();
  #isDisposed = false;

  constructor({ sessions, limits, ...options }: CommandExecutorOptions) {
    this.#sessions = sessions;
    this.#clock = options.clock;
    this.#records = new CommandRecords(options);
    this.#outputs = new CommandOutputs({ ...options, limitBytes: limits.outputBytes });
    this.#pauses = new CommandPauses({ ...options, records: this.#records });
  }

  async start(
    sessionId: string,
    input: CommandRequestInput,
    { signal }: Waiting = {},
  ): Promise<Command> {
    const request = parseRequest(CommandRequest, input, "command");
    await this.#sessions.require(sessionId);
    signal?.throwIfAborted();
    if (this.#isDisposed) throw engineEnds();
    const launch = (live: LiveSession) => this.#launch(live, request);
    return this.#starts.run(sessionId, () => this.#sessions.enter(sessionId, launch));
  }

  async get(sessionId: string, commandId: string): Promise<Command> {
    return this.#find(sessionId, commandId);
  }

  list(sessionId: string, request: PageRequest): Page<Command> {
    this.#sessions.known(sessionId);
    return this.#records.page(sessionId, request);
  }

  async wait(sessionId: string, commandId: string, { signal }: Waiting = {}): Promise<Command> {
    const command = this.#find(sessionId, commandId);
    const running = this.#running.get(commandId);
    if (running) {
      using _use = this.#sessions.inUse(sessionId);
      return await running.ended.wait(signal);
    }
    if (command.exitCode === null) throw engineEnds();
    return command;
  }

  async *output(
    sessionId: string,
    commandId: string,
    options: Waiting & { follow?: boolean } = {},
  ): AsyncGenerator<OutputChunk, void, void> {
    const follower = this.#followerOf(sessionId, commandId);
    using _use = follower && this.#sessions.inUse(sessionId);
    yield* this.#outputs.read(commandId, { follower, ...options });
  }

  async *outputBytes(
    sessionId: string,
    commandId: string,
    options: Waiting & { follow?: boolean; from?: "start" | "now" } = {},
  ): AsyncGenerator<OutputBytes, void, void> {
    const follower = this.#followerOf(sessionId, commandId);
    using _use = follower && this.#sessions.inUse(sessionId);
    yield* this.#outputs.readBytes(commandId, { follower, ...options });
  }

  async kill(sessionId: string, commandId: string, signal: number): Promise<Command> {
    requireSignal(signal);
    this.#find(sessionId, commandId);
    if (this.#running.has(commandId)) {
      // A pause waits for it: what it continues would run on in a session that is frozen.
      const send = async () => this.#running.get(commandId)?.signals.fromCaller(signal);
      await this.#sessions.enter(sessionId, send);
    }
    return this.#find(sessionId, commandId);
  }

  async writeStdin(
    sessionId: string,
    commandId: string,
    write: StdinWrite,
    { signal }: Waiting = {},
  ): Promise<{ bytesWritten: number; offset: number }> {
    const command = this.#find(sessionId, commandId);
    const stdin = this.#running.get(commandId)?.stdin;
    if (stdin) {
      await this.#sessions.require(sessionId);
      return stdin.write(write, signal);
    }
    const isOpen = command.exitCode === null;
    const why = isOpen ? NO_STDIN : "it has ended";
    throw new SandboxError("invalid_request", `Nothing can be written to ${commandId}: ${why}.`);
  }

  /** After the root was halted: every command of the session is recorded as ended, as lost where nobody knows how. */
  async endAll(sessionId: string): Promise<void> {
    // A start that slipped in while everything was being ended undoes itself.
    await this.#starts.settled(sessionId);
    const running = [...this.#running.values()].filter(
      ({ command }) => command.sessionId === sessionId,
    );
    await Promise.all(running.map(({ ended }) => ended.wait()));
    await this.#settleOpen(sessionId);
    this.#outputs.endLingering(sessionId);
    this.#pauses.forget(sessionId);
  }

  /** After it, the session's commands' time limits stand still, and no command is being started. */
  async pause(sessionId: string): Promise<void> {
    await this.#starts.settled(sessionId);
    this.#pauses.pause(sessionId);
  }

  /** The time limits go on, later by as much as the session was paused since then. */
  resume(sessionId: string, pausedAt: number): void {
    this.#pauses.resume(sessionId, pausedAt);
  }

  /** Follows the session's running commands again, and records those that ended meanwhile. */
  async adopt(live: LiveSession): Promise<void> {
    for (const command of this.#records.open(live.session.id)) {
      const directory = await this.#outputs.make(command.id);
      // First what was recorded: what ended in time is not ended again for being late.
      const handle = (await readExit(directory)) ? undefined : command.process;
      const process =
        handle === undefined ? undefined : await live.root.adoptProcess(handle, { directory });
      if (!process) {
        await this.#recordFromFiles(command);
        continue;
      }
      const signals = new CommandSignals(process);
      const follower = this.#outputs.follow(command.id, signals);
      this.#watch(command, process, { follower, signals });
    }
  }

  /** The session is gone: its open commands are recorded from what they left. */
  async settle(sessionId: string): Promise<void> {
    await this.#settleOpen(sessionId);
  }

  /** Deletes the output of commands that no record knows. Only before the first start: it would take that one's too. */
  async sweep(): Promise<void> {
    await this.#outputs.sweep((id) => this.#records.has(id));
  }

  /** Deletes the records and the output of a session's commands, which have all ended. */
  async forgetSession(sessionId: string): Promise<void> {
    for (const { id } of this.#records.ofSession(sessionId)) {
      await this.#outputs.delete(id);
      this.#records.delete(id);
    }
  }

  isBusy(): boolean {
    return this.#pauses.isAnyAwake || !this.#starts.isEmpty;
  }

  /** Leaves the commands running for the next engine. Whoever waits or reads here gets `engine_unavailable`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#starts.settled();
    this.#pauses[Symbol.dispose]();
    for (const { follower, ended } of this.#running.values()) {
      follower.abandon(engineEnds());
      ended.reject(engineEnds());
    }
    this.#running.clear();
    await this.#outputs[Symbol.asyncDispose]();
  }

  async #launch(live: LiveSession, request: CommandRequest): Promise<Command> {
    const { command, process, ...followed } = await launchCommand(live, request, {
      outputs: this.#outputs,
      clock: this.#clock,
      record: (started) => this.#records.add(started),
    });
    this.#watch(command, process, followed);
    this.#outputs.warmUp();
    return command;
  }

  /** Throws `session_not_found`, `command_not_found`. */
  #find(sessionId: string, commandId: string): Command {
    this.#sessions.known(sessionId);
    return this.#records.get(sessionId, commandId);
  }

  /** Undefined when nothing more will be written. */
  #followerOf(sessionId: string, commandId: string): OutputFollower | undefined {
    const command = this.#find(sessionId, commandId);
    const follower = this.#running.get(commandId)?.follower;
    if (!follower && command.exitCode === null) throw engineEnds();
    return follower;
  }

  #watch(
    command: Command,
    process: Process,
    { follower, signals }: Pick<Running, "follower" | "signals">,
  ): void {
    const { stdin } = process;
    const running: Running = {
      command,
      signals,
      follower,
      ...(stdin && { stdin: new CommandStdin({ stream: stdin }) }),
      ended: new Settlement(),
    };
    this.#running.set(command.id, running);
    this.#pauses.watch(running);
    void process.exited.then((exit) => this.#finish(running, exit)); // Neither rejects.
  }

  #finish(running: Running, exit: Exit): void {
    const { command, follower, ended } = running;
    // Disposed of meanwhile: the next engine records it.
    if (this.#running.get(command.id) !== running) return;
    this.#pauses.end(command.id);
    this.#running.delete(command.id);
    if (exit.outOfMemory) this.#outputs.add(command.id, OUT_OF_MEMORY);
    follower.finish();
    this.#outputs.linger(command.id, { sessionId: command.sessionId, follower });
    const finished = endedCommand(command, exit, this.#clock.now());
    this.#records.end(finished);
    ended.resolve(finished);
  }

  async #settleOpen(sessionId: string): Promise<void> {
    for (const command of this.#records.open(sessionId)) await this.#recordFromFiles(command);
  }

  async #recordFromFiles(command: Command): Promise<void> {
    const recorded = await readExit(await this.#outputs.make(command.id));
    this.#outputs.settle(command.id);
    const endedAt = recorded && Math.min(recorded.endedAt, this.#clock.now());
    this.#records.end(endedCommand(command, recorded?.exit, endedAt));
  }
}

function engineEnds(): SandboxError {
  return new SandboxError(
    "engine_unavailable",
    "The engine is ending; the command goes on, and the next engine takes it up. Ask again.",
  );
}
