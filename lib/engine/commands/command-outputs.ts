import { appendFileSync, closeSync, fstatSync, openSync, readSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import type { OutputBytes, OutputChunk } from "../../contract/command.ts";
import { SandboxError } from "../../contract/errors.ts";
import { newId } from "../../std/ids.ts";
import { messageOf } from "../../std/message-of.ts";
import { CommandSignals } from "./command-signals.ts";
import { endedOutput, INDEX_FILE, OutputFollower, type OutputState } from "./output-follower.ts";
import { type ReadOptions, readOutput, readOutputBytes } from "./output-reader.ts";
import type { Clock, Isolation, Log } from "../ports.ts";

const { SIGCONT, SIGKILL, SIGSTOP } = constants.signals;

export interface CommandOutputsOptions {
  /** Holds one directory per command. */
  directory: string;
  clock: Clock;
  isolation: Isolation;
  log: Log;
  limitBytes: number;
}

// How many ended commands are still watched for what they left behind in the background.
const LINGERING = 64;

// What is found in a command's directory. An empty `exit` says nothing: it ends with a newline.
const FILES = ["stdout", "stderr", INDEX_FILE, "exit"];

/** Whoever follows the output, while somebody does, and what is asked of it. */
type ReadFrom = ReadOptions & { follower?: OutputFollower | undefined };

interface Lingering {
  sessionId: string;
  follower: OutputFollower;
}

/** The directories of commands: what each wrote, in which order, and what it ended with. */
export class CommandOutputs implements AsyncDisposable {
  readonly #options: CommandOutputsOptions;
  readonly #lingering = new Map<string, Lingering>();
  /** The next command's, made ahead of time: to make files is the slow part of a start. */
  #spare: Promise<string | undefined> | undefined;
  #isDisposed = false;

  constructor(options: CommandOutputsOptions) {
    this.#options = options;
  }

  directoryOf(commandId: string): string {
    return join(this.#options.directory, commandId);
  }

  /** The id of a command to be, whose directory is there. Throws `storage_full`. */
  async next(): Promise<string> {
    const spare = this.#spare;
    this.#spare = undefined;
    return (await spare) ?? this.#makeNext();
  }

  /** Makes the next command's directory ahead of time. */
  warmUp(): void {
    if (this.#isDisposed) return;
    this.#spare ??= this.#makeNext().catch(() => undefined); // `next` tries again, and says why it cannot.
  }

  /** Makes the directory again where somebody has deleted it. Throws `storage_full`. */
  async make(commandId: string): Promise<string> {
    const directory = this.directoryOf(commandId);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return directory;
    } catch (error) {
      throw outputFault(error);
    }
  }

  async delete(commandId: string): Promise<void> {
    this.#lingering.get(commandId)?.follower[Symbol.dispose]();
    this.#lingering.delete(commandId);
    await rm(this.directoryOf(commandId), { recursive: true, force: true });
  }

  /** Follows what a command writes, and signals it when it writes too much. Throws `storage_full`. */
  follow(commandId: string, signals: CommandSignals): OutputFollower {
    const { clock, isolation, limitBytes, log } = this.#options;
    try {
      return new OutputFollower({
        directory: this.directoryOf(commandId),
        now: () => clock.now(),
        limitBytes,
        discardPrefix: (file, bytes) => isolation.discardPrefix(file, bytes),
        onUnbounded: () => {
          log.warn("a command was ended: its output reached the limit and could not be shortened", {
            commandId,
            limitBytes,
          });
          void signals.fromEngine(SIGKILL);
        },
        onHold: (held) => void signals.fromEngine(held ? SIGSTOP : SIGCONT),
        onTrouble: (error) => {
          const reason = messageOf(error);
          log.warn("a command's output cannot be followed as it should", { commandId, reason });
        },
      });
    } catch (error) {
      throw outputFault(error);
    }
  }

  /** Goes on watching an ended command's output for what it left behind, as long as its session runs and few do. */
  linger(commandId: string, lingering: Lingering): void {
    this.#lingering.set(commandId, lingering);
    if (this.#lingering.size <= LINGERING) return;
    const quietest = [...this.#lingering].reduce((a, b) =>
      b[1].follower.grewAt < a[1].follower.grewAt ? b : a,
    );
    this.#lingering.delete(quietest[0]);
    quietest[1].follower[Symbol.dispose]();
  }

  /** Nothing of the session writes any more. */
  endLingering(ofSession: string): void {
    for (const [commandId, { sessionId, follower }] of this.#lingering) {
      if (sessionId !== ofSession) continue;
      follower[Symbol.dispose]();
      this.#lingering.delete(commandId);
    }
  }

  /** Watches nothing any more; what was made ahead of time goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const { follower } of this.#lingering.values()) follower[Symbol.dispose]();
    this.#lingering.clear();
    const spare = await this.#spare;
    if (spare !== undefined) await this.delete(spare);
  }

  /** Adds a line of the engine's own to what a command that has ended wrote to its stderr. */
  add(commandId: string, line: string): void {
    const file = join(this.directoryOf(commandId), "stderr");
    try {
      appendFileSync(file, `${endsWithNewline(file) ? "" : "\n"}${line}\n`);
    } catch (error) {
      // A full disk, or a directory that somebody has deleted: the exit code must do.
      const reason = messageOf(error);
      this.#options.log.warn("a line could not be added to a command's output", {
        commandId,
        reason,
      });
    }
  }

  /** Takes what no engine has indexed yet, of a command that has ended. */
  settle(commandId: string): void {
    const follower = this.follow(commandId, new CommandSignals());
    follower.finish();
    follower[Symbol.dispose]();
  }

  /** Throws `command_not_found` when the output went with its sandbox meanwhile. */
  read(commandId: string, options: ReadFrom): AsyncGenerator<OutputChunk, void, void> {
    return this.#readBy(readOutput, commandId, options);
  }

  /** The same, undecoded. */
  readBytes(commandId: string, options: ReadFrom): AsyncGenerator<OutputBytes, void, void> {
    return this.#readBy(readOutputBytes, commandId, options);
  }

  async *#readBy<Chunk>(
    read: (state: OutputState, options: ReadOptions) => AsyncGenerator<Chunk, void, void>,
    commandId: string,
    { follower, ...options }: ReadFrom,
  ): AsyncGenerator<Chunk, void, void> {
    const state =
      follower ??
      this.#lingering.get(commandId)?.follower ??
      endedOutput(this.directoryOf(commandId));
    try {
      yield* read(state, options);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      throw new SandboxError(
        "command_not_found",
        `The output of ${commandId} is gone: its sandbox was deleted.`,
        { cause: error },
      );
    }
  }

  /** Deletes the directories of commands that were never recorded: the engine died while it started them. */
  async sweep(isKnown: (commandId: string) => boolean): Promise<void> {
    const names = await readdir(this.#options.directory).catch(() => []); // Nothing ever ran.
    for (const name of names) if (!isKnown(name)) await this.delete(name);
  }

  async #makeNext(): Promise<string> {
    const commandId = newId("cmd");
    const directory = await this.make(commandId);
    try {
      for (const name of FILES) await writeFile(join(directory, name), "", { mode: 0o600 });
      return commandId;
    } catch (error) {
      await this.delete(commandId);
      throw outputFault(error);
    }
  }
}

function systemCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function outputFault(error: unknown): unknown {
  const code = systemCode(error);
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new SandboxError(
    "storage_full",
    "The disk is full: a command's output needs room. Delete sandboxes or snapshots, or free space.",
    { cause: error },
  );
}

/** True for an empty file, too. */
function endsWithNewline(file: string): boolean {
  const descriptor = openSync(file, "r");
  try {
    const last = Buffer.from("\n");
    const { size } = fstatSync(descriptor);
    if (size > 0) readSync(descriptor, last, 0, 1, size - 1);
    return last.toString() === "\n";
  } finally {
    closeSync(descriptor);
  }
}
