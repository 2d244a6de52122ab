import {
  CommandRequest,
  type Command,
  type OutputChunk,
  type OutputStream,
} from "../contract/command.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Commands } from "../engine/engine.ts";
import { abortable } from "../std/abortable.ts";
import { pageOf, type ScriptedState } from "./scripted-state.ts";

/** A command as its script sees it. */
export interface ScriptedProcess {
  readonly command: Command;
  readonly env: Record<string, string>;
  write(stream: OutputStream, data: string, dropped?: number): void;
  /** Ends the command; later calls change nothing. */
  exit(exitCode: number): void;
  /** Makes reading the output fail from here on. */
  failOutput(error: Error): void;
  /** Resolves with the first signal. */
  readonly signalled: Promise<number>;
  /** All that was written to it so far. */
  readonly stdin: Buffer[];
}

export type Script = (process: ScriptedProcess) => void;

interface Running {
  process: ScriptedProcess;
  chunks: OutputChunk[];
  changed: PromiseWithResolvers<void>;
  ended: PromiseWithResolvers<void>;
  signalled: PromiseWithResolvers<number>;
  failure?: Error;
  readers: number;
}

const BUILT_IN: Record<string, Script> = {
  echo: (process) => {
    process.write("stdout", `${process.command.args.join(" ")}\n`);
    process.exit(0);
  },
  true: (process) => process.exit(0),
  false: (process) => process.exit(1),
  // Runs until it is signalled, and then ends as a real one does.
  hold: (process) => void process.signalled.then((signal) => process.exit(128 + signal)),
};

/** Commands that are functions. */
export class ScriptedCommands implements Commands {
  readonly scripts = new Map(Object.entries(BUILT_IN));
  readonly #state: ScriptedState;
  readonly #running = new Map<string, Running>();

  constructor(state: ScriptedState) {
    this.#state = state;
  }

  /** How many readers follow the command's output now. */
  readers(commandId: string): number {
    return this.#of(commandId).readers;
  }

  async start(...[sessionId, input]: Parameters<Commands["start"]>): Promise<Command> {
    const session = this.#state.running(sessionId);
    const request = CommandRequest.parse(input);
    const script = this.scripts.get(request.cmd);
    if (!script) {
      throw new SandboxError("executable_not_found", `There is no program ${request.cmd}.`);
    }
    const command: Command = {
      id: this.#state.id("cmd"),
      sessionId,
      sandboxName: session.sandboxName,
      cmd: request.cmd,
      args: request.args,
      cwd: request.cwd ?? session.cwd,
      sudo: request.sudo || request.user === "root",
      ...(request.user !== undefined && { user: request.user }),
      pid: 100 + this.#state.commands.size,
      startedAt: this.#state.now(),
      exitCode: null,
    };
    this.#state.commands.set(command.id, command);
    script(this.#run(command, request.env));
    return this.#state.commands.get(command.id) ?? command;
  }

  async get(sessionId: string, commandId: string): Promise<Command> {
    const command = this.#state.commands.get(commandId);
    if (command?.sessionId === sessionId) return command;
    throw new SandboxError(
      "command_not_found",
      `Session ${sessionId} has no command ${commandId}.`,
    );
  }

  list(...[sessionId, request]: Parameters<Commands["list"]>) {
    const own = [...this.#state.commands.values()].filter(
      (command) => command.sessionId === sessionId,
    );
    return pageOf(own, { ...request, sortBy: "startedAt" });
  }

  async wait(...[sessionId, commandId, options]: Parameters<Commands["wait"]>): Promise<Command> {
    await this.get(sessionId, commandId);
    await abortable(this.#of(commandId).ended.promise, options?.signal);
    return this.get(sessionId, commandId);
  }

  async *output(...[sessionId, commandId, options]: Parameters<Commands["output"]>) {
    await this.get(sessionId, commandId);
    const running = this.#of(commandId);
    running.readers += 1;
    try {
      for (let position = 0; ;) {
        for (; position < running.chunks.length; position += 1) {
          const chunk = running.chunks[position];
          if (chunk) yield chunk;
        }
        if (running.failure) throw running.failure;
        if (this.#state.commands.get(commandId)?.exitCode !== null) return;
        await abortable(running.changed.promise, options?.signal);
      }
    } finally {
      running.readers -= 1;
    }
  }

  async *outputBytes(...[sessionId, commandId, options]: Parameters<Commands["outputBytes"]>) {
    await this.get(sessionId, commandId);
    let passed = options?.from === "now" ? this.#of(commandId).chunks.length : 0;
    for await (const chunk of this.output(sessionId, commandId, options)) {
      if (passed-- > 0) continue;
      yield { ...chunk, data: new TextEncoder().encode(chunk.data) };
    }
  }

  async kill(...[sessionId, commandId, signal]: Parameters<Commands["kill"]>): Promise<Command> {
    this.#state.running(sessionId);
    await this.get(sessionId, commandId);
    this.#of(commandId).signalled.resolve(signal);
    return this.get(sessionId, commandId);
  }

  async writeStdin(...[sessionId, commandId, write]: Parameters<Commands["writeStdin"]>) {
    this.#state.running(sessionId);
    await this.get(sessionId, commandId);
    const { process } = this.#of(commandId);
    const before = process.stdin.reduce((total, { byteLength }) => total + byteLength, 0);
    if (write.offset !== undefined && write.offset > before) {
      throw new SandboxError("stdin_offset_gap", `${before} bytes were written so far.`);
    }
    const fresh = Buffer.from(write.data).subarray(before - (write.offset ?? before));
    process.stdin.push(fresh);
    if (write.end) process.exit(0);
    return { bytesWritten: fresh.byteLength, offset: before + fresh.byteLength };
  }

  /** Ends what runs in the session, as its stop does. */
  endAll(sessionId: string): void {
    for (const { process } of this.#running.values()) {
      if (process.command.sessionId === sessionId) process.exit(137);
    }
  }

  #of(commandId: string): Running {
    const running = this.#running.get(commandId);
    if (running) return running;
    throw new SandboxError("command_not_found", `There is no command ${commandId}.`);
  }

  #run(command: Command, env: Record<string, string>): ScriptedProcess {
    const wake = () => {
      running.changed.resolve();
      running.changed = Promise.withResolvers();
    };
    const signalled = Promise.withResolvers<number>();
    const process: ScriptedProcess = {
      command,
      env,
      stdin: [],
      signalled: signalled.promise,
      write: (stream, data, dropped) => {
        const at = this.#state.now();
        running.chunks.push({ stream, data, at, ...(dropped !== undefined && { dropped }) });
        wake();
      },
      exit: (exitCode) => {
        const now = this.#state.commands.get(command.id);
        if (!now || now.exitCode !== null) return;
        const durationMs = this.#state.now() - command.startedAt;
        this.#state.commands.set(command.id, { ...now, exitCode, durationMs });
        running.ended.resolve();
        wake();
      },
      failOutput: (error) => {
        running.failure = error;
        wake();
      },
    };
    const running: Running = {
      process,
      chunks: [],
      changed: Promise.withResolvers(),
      ended: Promise.withResolvers(),
      signalled,
      readers: 0,
    };
    this.#running.set(command.id, running);
    return process;
  }
}
