import { constants } from "node:os";
import type { BuildLogLine, BuildPlace } from "../../contract/template.ts";
import type { OutputChunk } from "../../contract/command.ts";
import { LIMITS } from "../../contract/limits.ts";
import { abortable } from "../../std/abortable.ts";
import { CommandOutputs } from "../commands/command-outputs.ts";
import { identityOf } from "../commands/command-user.ts";
import { type LaunchedProcess, launchProcess } from "../commands/launch-command.ts";
import type { Clock, Exit, Isolation, Log, Process, Root } from "../ports.ts";
import { shellLine } from "./template-launcher.ts";
import { LINE_CHARACTERS } from "./template-logs.ts";
import type { BuildState } from "./template-plan.ts";

const { SIGKILL } = constants.signals;

export type Say = (line: Omit<BuildLogLine, "at">) => void;

export interface BuildCommand extends BuildState {
  /** For the shell. */
  line: string;
  limitMs?: number;
  signal: AbortSignal;
}

export interface RunningBuildCommand {
  process: Process;
  /** How it ended, when all that it said is told. */
  ended: Promise<Exit>;
}

export interface BuildCommandsOptions {
  /** For what the commands write, as long as they run. */
  directory: string;
  clock: Clock;
  isolation: Isolation;
  log: Log;
}

/** Runs the commands of builds, and tells line by line what they say. */
export class BuildCommands implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #outputs: CommandOutputs;

  constructor(options: BuildCommandsOptions) {
    this.#clock = options.clock;
    this.#outputs = new CommandOutputs({ ...options, limitBytes: LIMITS.outputBytes });
  }

  /** To its end. One that takes longer than it may is ended, as all are by the signal. */
  async run(root: Root, command: BuildCommand, say: Say, step?: BuildPlace): Promise<Exit> {
    const { process, ended } = await this.start(root, command, say, step);
    const limitMs = command.limitMs ?? LIMITS.buildStepMs;
    const late = this.#clock.at(this.#clock.now() + limitMs, () => {
      say({
        level: "error",
        message: `Ended after ${limitMs} ms, which is the limit.`,
        ...(step !== undefined && { step }),
      });
      return process.signal(SIGKILL);
    });
    try {
      return await abortable(ended, command.signal);
    } catch (error) {
      await process.signal(SIGKILL);
      await ended;
      throw error;
    } finally {
      late[Symbol.dispose]();
    }
  }

  /** Returns when it runs. */
  async start(
    root: Root,
    { line, env, cwd, user, signal }: BuildCommand,
    say: Say,
    step?: BuildPlace,
  ): Promise<RunningBuildCommand> {
    signal.throwIfAborted();
    const identity = identityOf({ sudo: false, user: nameOf(user) });
    const spec = { ...shellLine(line), env, cwd, ...identity, stdin: false };
    const launched = await launchProcess(root, spec, this.#outputs);
    const ended = this.#end(launched, say, step);
    ended.catch(() => undefined); // Whoever waits is told.
    return { process: launched.process, ended };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outputs[Symbol.asyncDispose]();
  }

  async #end(
    { id, process, follower }: LaunchedProcess,
    say: Say,
    step: BuildPlace | undefined,
  ): Promise<Exit> {
    const lines = { stdout: "", stderr: "" };
    const tell = (stream: OutputChunk["stream"], message: string) =>
      say({
        level: stream === "stdout" ? "info" : "warn",
        message,
        ...(step !== undefined && { step }),
      });
    void process.exited.then(() => follower.finish()); // Never rejects.
    for await (const { stream, data } of this.#outputs.read(id, { follower })) {
      const pieces = (lines[stream] + data).split("\n");
      // One character more than is kept, so that the log says that it is cut.
      lines[stream] = (pieces.pop() ?? "").slice(0, LINE_CHARACTERS + 1);
      for (const piece of pieces) tell(stream, piece.replace(/\r$/, ""));
    }
    for (const stream of ["stdout", "stderr"] as const) {
      if (lines[stream] !== "") tell(stream, lines[stream]);
    }
    follower[Symbol.dispose]();
    await this.#outputs.delete(id);
    return process.exited;
  }
}

/** A build's user may come with a group; whoever runs a command has the groups that are its own. */
export function nameOf(user: string): string {
  return user.replace(/:.*$/, "");
}
