import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommandRequest, type CommandRequestInput } from "../contract/command.ts";
import type { OutputChunk } from "../contract/command.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Page, PageRequest } from "../contract/page.ts";
import { abortable } from "../std/abortable.ts";
import { newId } from "../std/ids.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import { readExit, withExit } from "./command-exit.ts";
import { CommandStdin, type StdinWrite } from "./command-stdin.ts";
import { Deadlines } from "./deadlines.ts";
import type { Commands, Waiting } from "./engine.ts";
import type { LiveSession, LiveSessions } from "./live-sessions.ts";
import { endedOutput, OutputFollower } from "./output-follower.ts";
import { readOutput } from "./output-reader.ts";
import { parseRequest } from "./parse-request.ts";
import type { Clock, Exit, Isolation, Log, Process, Store } from "./ports.ts";
import { resolvePath } from "./resolve-path.ts";

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

interface Active {
  command: Command;
  process: Process;
  follower: OutputFollower;
  stdin?: CommandStdin;
  ended: PromiseWithResolvers<Command>;
}

const SIGKILL = 9;
const LAST_SIGNAL = 64;

/** Runs commands and keeps what they wrote. A command outlives the engine; the next one takes it up. */
export class CommandExecutor implements Commands, AsyncDisposable {
  readonly #options: CommandExecutorOptions;
  readonly #active = new Map<string, Active>();
  readonly #deadlines: Deadlines;

  constructor(options: CommandExecutorOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines({ clock: options.clock });
  }

  async start(
    sessionId: string,
    input: CommandRequestInput,
    { signal }: Waiting = {},
  ): Promise<Command> {
    const request = parseRequest(CommandRequest, input, "command");
    const live = await this.#options.sessions.require(sessionId);
    signal?.throwIfAborted();
    const id = newId("cmd");
    const cwd = resolvePath(live.session.cwd, request.cwd);
    const directory = this.#directoryOf(id);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const follower = this.#follow(directory, id);
    try {
      const process = await live.root.start({
        commandId: id,
        cmd: request.cmd,
        args: request.args,
        env: { ...live.sandbox.env, ...request.env },
        cwd,
        sudo: request.sudo,
        stdin: request.attachStdin,
        directory,
      });
      const command = Command.parse(
        withoutUndefined({
          id,
          sessionId,
          sandboxName: live.sandbox.name,
          cmd: request.cmd,
          args: request.args,
          cwd,
          sudo: request.sudo,
          timeoutMs: request.timeoutMs,
          startedAt: this.#options.clock.now(),
          exitCode: null,
          process: process.handle,
        }),
      );
      try {
        // It may have slipped in while everything in the session was being ended.
        live.ending.throwIfAborted();
        this.#options.store.commands.put(command);
      } catch (error) {
        await process.signal(SIGKILL);
        await process.exited;
        throw error;
      }
      this.#watch(command, process, follower);
      return command;
    } catch (error) {
      follower.abandon();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async get(sessionId: string, commandId: string): Promise<Command> {
    this.#options.sessions.known(sessionId);
    const command = this.#options.store.commands.get(commandId);
    if (command?.sessionId === sessionId) return command;
    throw new SandboxError(
      "command_not_found",
      `There is no command ${commandId} in session ${sessionId}.`,
    );
  }

  list(sessionId: string, request: PageRequest): Page<Command> {
    this.#options.sessions.known(sessionId);
    return this.#options.store.commands.page({
      ...request,
      sortBy: "startedAt",
      equals: { sessionId },
    });
  }

  async wait(sessionId: string, commandId: string, { signal }: Waiting = {}): Promise<Command> {
    const command = await this.get(sessionId, commandId);
    const active = this.#active.get(commandId);
    return active ? abortable(active.ended.promise, signal) : command;
  }

  async *output(
    sessionId: string,
    commandId: string,
    { signal }: Waiting = {},
  ): AsyncGenerator<OutputChunk, void, void> {
    await this.get(sessionId, commandId);
    const state = this.#active.get(commandId)?.follower ?? endedOutput(this.#directoryOf(commandId));
    yield* readOutput(state, signal);
  }

  async kill(sessionId: string, commandId: string, signal: number): Promise<Command> {
    if (!Number.isInteger(signal) || signal < 1 || signal > LAST_SIGNAL) {
      throw new SandboxError(
        "invalid_request",
        `signal: ${signal} is no signal; give a number from 1 to ${LAST_SIGNAL}.`,
      );
    }
    await this.get(sessionId, commandId);
    await this.#active.get(commandId)?.process.signal(signal);
    return this.get(sessionId, commandId);
  }

  async writeStdin(
    sessionId: string,
    commandId: string,
    write: StdinWrite,
    { signal }: Waiting = {},
  ): Promise<{ bytesWritten: number; offset: number }> {
    const command = await this.get(sessionId, commandId);
    const stdin = this.#active.get(commandId)?.stdin;
    if (stdin) return stdin.write(write, signal);
    const why =
      command.exitCode === null
        ? "it was started without attachStdin, or the engine was restarted since"
        : "it has ended";
    throw new SandboxError("invalid_request", `Nothing can be written to ${commandId}: ${why}.`);
  }

  /** After the root was halted: every command of the session is recorded as ended. */
  async endAll(sessionId: string): Promise<void> {
    const open = [...this.#active.values()].filter(({ command }) => command.sessionId === sessionId);
    await Promise.all(open.map(({ ended }) => ended.promise));
  }

  /** Follows the session's running commands again, and records those that ended meanwhile. */
  async adopt(live: LiveSession): Promise<void> {
    for (const command of this.#open(live.session.id)) {
      const directory = this.#directoryOf(command.id);
      const process =
        command.process === undefined
          ? undefined
          : await live.root.adoptProcess(command.process, { directory });
      if (process) this.#watch(command, process, this.#follow(directory, command.id));
      else await this.#recordFromFiles(command);
    }
  }

  /** The session is gone: its open commands are recorded from what they left. */
  async settle(sessionId: string): Promise<void> {
    for (const command of this.#open(sessionId)) await this.#recordFromFiles(command);
  }

  /** Deletes the records and the output of a session's commands, which have all ended. */
  async forgetSession(sessionId: string): Promise<void> {
    const { store } = this.#options;
    for (const { id } of store.commands.all({ equals: { sessionId } })) {
      await rm(this.#directoryOf(id), { recursive: true, force: true });
      store.commands.delete(id);
    }
  }

  isBusy(): boolean {
    return this.#active.size > 0;
  }

  /** Leaves the commands running for the next engine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#deadlines[Symbol.dispose]();
    for (const { follower } of this.#active.values()) follower.abandon();
    this.#active.clear();
  }

  #open(sessionId: string): Command[] {
    return this.#options.store.commands
      .all({ equals: { sessionId } })
      .filter(({ exitCode }) => exitCode === null);
  }

  #directoryOf(commandId: string): string {
    return join(this.#options.directory, commandId);
  }

  #follow(directory: string, commandId: string): OutputFollower {
    const { clock, isolation, limits, log } = this.#options;
    return new OutputFollower({
      directory,
      now: () => clock.now(),
      limitBytes: limits.outputBytes,
      discardPrefix: (file, bytes) => isolation.discardPrefix(file, bytes),
      onUnbounded: () => {
        log.warn("a command was ended: its output reached the limit and could not be shortened", {
          commandId,
          limitBytes: limits.outputBytes,
        });
        void this.#active.get(commandId)?.process.signal(SIGKILL);
      },
    });
  }

  #watch(command: Command, process: Process, follower: OutputFollower): void {
    const { stdin } = process;
    const active: Active = {
      command,
      process,
      follower,
      ...(stdin && { stdin: new CommandStdin(stdin) }),
      ended: Promise.withResolvers<Command>(),
    };
    // Whoever waits meets the failure; without anybody waiting it is in the log.
    active.ended.promise.catch(() => undefined);
    this.#active.set(command.id, active);
    if (command.timeoutMs !== undefined) {
      const deadline = command.startedAt + command.timeoutMs;
      this.#deadlines.set(command.id, deadline, () => void process.signal(SIGKILL));
    }
    void process.exited.then((exit) => this.#finish(active, exit)); // Neither rejects.
  }

  #finish(active: Active, exit: Exit): void {
    const { command, follower, ended } = active;
    // Disposed of meanwhile: the next engine records it.
    if (this.#active.get(command.id) !== active) return;
    this.#deadlines.clear(command.id);
    try {
      follower.finish();
      const { process: _process, ...record } = command;
      const durationMs = this.#options.clock.now() - command.startedAt;
      const finished = withExit({ ...record, durationMs }, exit);
      this.#options.store.commands.put(finished);
      ended.resolve(finished);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn("a command's end could not be recorded", {
        commandId: command.id,
        reason,
      });
      ended.reject(error);
    } finally {
      this.#active.delete(command.id);
    }
  }

  async #recordFromFiles(command: Command): Promise<void> {
    const directory = this.#directoryOf(command.id);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Takes what no engine has indexed yet.
    this.#follow(directory, command.id).finish();
    const { process: _process, ...record } = command;
    this.#options.store.commands.put(withExit(record, await readExit(directory)));
  }
}
