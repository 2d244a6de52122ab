import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import type { Exit, Process } from "../../engine/ports.ts";
import { processFault } from "./process-faults.ts";
import { readProcess } from "./process-table.ts";
import { killTree } from "./process-tree.ts";
import { isRecorderAlive, RecordedProcess, type RecorderHandle } from "./recorded-process.ts";
import {
  directArguments,
  instruction,
  type RecordedCommand,
  shellVariables,
  waitingScript,
} from "./recorder-script.ts";

export interface RecordersOptions {
  sessionId: string;
  /** A directory of the host's that lives as long as the session. */
  directory: string;
  /** The variables that most commands of the session share. */
  env: Readonly<Record<string, string>>;
}

/**
 * Starts the commands of one session, each under a recorder that outlives this
 * process. One recorder waits ahead of time, so that a command costs little more
 * than a bare spawn; it goes with this process or with `close`.
 */
export class Recorders {
  readonly #options: RecordersOptions;
  readonly #running = new Map<RecorderHandle, Promise<Exit>>();
  #spare: ChildProcess | undefined;
  #closed = false;

  constructor(options: RecordersOptions) {
    this.#options = options;
  }

  /** The recorders of this session that are known to run, the waiting one included. */
  get pids(): Set<number> {
    const alive = [...this.#running.keys()].filter(isRecorderAlive);
    const pids = new Set(alive.map(({ pid }) => pid));
    if (this.#spare?.pid !== undefined) pids.add(this.#spare.pid);
    return pids;
  }

  /** Resolves when every recorder that is known now has ended. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Counts in the recorder of a command, also one that an earlier engine started. */
  add(handle: RecorderHandle, exited: Promise<Exit>): void {
    this.#running.set(handle, exited);
    void exited.then(() => this.#running.delete(handle)); // `exited` never rejects.
  }

  /** Holds a recorder ready. */
  warmUp(): void {
    if (this.#closed || this.#spare) return;
    const { sessionId, directory, env } = this.#options;
    let spare: ChildProcess;
    try {
      spare = spawn("/bin/sh", ["-c", waitingScript(sessionId)], {
        cwd: directory,
        env: shellVariables(env),
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
      });
    } catch {
      return; // No memory: the next command starts the slower way, and says why if it cannot.
    }
    const forget = () => {
      if (this.#spare === spare) this.#spare = undefined;
    };
    spare.once("exit", forget);
    spare.on("error", forget); // No processes left: as above.
    spare.stdin?.on("error", forget);
    letEnd(spare);
    if (spare.pid !== undefined) this.#spare = spare;
  }

  /** Throws `invalid_request` when the arguments are too long for the system, `storage_full`. */
  async start(command: RecordedCommand): Promise<Process> {
    makeLogs(command.directory);
    const child = this.#instruct(command) ?? (await this.#spawn(command));
    const { sessionId, commandId } = command;
    const pid = child.pid!; // A child without one has thrown.
    const exited = exitOf(child, command);
    const handle = { pid, startTime: readProcess(pid)?.startTime ?? "", commandId };
    this.add(handle, exited);
    setImmediate(() => this.warmUp());
    return new RecordedProcess({
      sessionId,
      handle,
      exited,
      started: false,
      ...(command.stdin && { stdin: child.stdio[3] as Socket }),
    });
  }

  /** Ends the waiting recorder; those that run a command end with it. Nothing waits ahead of time any more. */
  close(): void {
    this.#closed = true;
    this.#spare?.stdin?.end();
    this.#spare = undefined;
  }

  #instruct(command: RecordedCommand): ChildProcess | undefined {
    const spare = this.#spare;
    const line = spare && instruction(command, this.#options.env);
    if (!line) return undefined;
    this.#spare = undefined;
    if (spare.exitCode !== null || spare.signalCode !== null) return undefined;
    spare.stdin?.end(line);
    return spare;
  }

  async #spawn(command: RecordedCommand): Promise<ChildProcess> {
    let child: ChildProcess;
    try {
      child = spawn("/bin/sh", directArguments(command), {
        cwd: this.#options.directory,
        env: shellVariables(command.env),
        detached: true,
        stdio: ["ignore", "ignore", "ignore", command.stdin ? "pipe" : "ignore"],
      });
    } catch (error) {
      // E2BIG and the like are thrown at once, ENOENT and EAGAIN come as an event.
      throw processFault(error, command.cmd);
    }
    letEnd(child);
    if (child.pid !== undefined) return child;
    const [error]: unknown[] = await once(child, "error").catch((reason: unknown) => [reason]);
    throw processFault(error, command.cmd);
  }
}

// Whoever follows the command opens them as soon as `start` returns, perhaps before the recorder does.
function makeLogs(directory: string): void {
  try {
    for (const name of ["stdout", "stderr"]) closeSync(openSync(join(directory, name), "a", 0o600));
  } catch (error) {
    throw processFault(error, "the log files");
  }
}

// A command outlives the engine. Whoever waits for it keeps the process alive, not the command.
function letEnd(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as Socket | null | undefined)?.unref();
}

/** How the command ended. A recorder that was killed takes its command with it: nobody could tell its end. */
async function exitOf(child: ChildProcess, command: RecordedCommand): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>();
  child.once("exit", (code, signal) => resolve([code, signal]));
  const [code, signal] = await promise;
  if (code !== null) return { exitCode: code };
  // `kill -9 0`, for one: the recorder is of the command's process group.
  const { sessionId, commandId, directory } = command;
  await killTree({ sessionId, commandId, recorders: new Set() });
  const exitCode = 128 + constants.signals[signal ?? "SIGKILL"];
  // For the next engine; if the disk is full, this one still knows.
  await writeFile(join(directory, "exit"), `${exitCode}\n`).catch(() => undefined);
  return { exitCode };
}
