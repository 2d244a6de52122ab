import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import type { Exit, Process } from "../../engine/ports.ts";
import { processFault } from "./process-faults.ts";
import { readProcess } from "./process-table.ts";
import { killTree } from "./process-tree.ts";
import {
  isRecorderAlive,
  RecordedProcess,
  type RecorderChain,
  type RecorderHandle,
} from "./recorded-process.ts";

/** What every way of recording needs to know of a command. */
export interface Recordable {
  sessionId: string;
  commandId: string;
  cmd: string;
  stdin: boolean;
  /** Where `stdout`, `stderr` and `exit` go. */
  directory: string;
  /** To be called when `stdout` and `stderr` are there, before the command runs. */
  logsReady?: (() => void) | undefined;
}

/** A process that waits for its command. */
export interface WaitingRecorder<Command extends Recordable> {
  child: ChildProcess;
  /**
   * Gives it the command. `unfit` is a command that has to be launched; a recorder that is `stale` is no use to any
   * other either.
   */
  instruct(command: Command): "taken" | "unfit" | "stale";
}

/** How a backend starts its recorders: processes that run one command and write down its output and its end. */
export interface RecorderLauncher<Command extends Recordable> {
  /** Starts one that waits for its command; throws when it cannot. */
  wait(): WaitingRecorder<Command>;
  /** Starts one that has its command. stdio 3 is the command's stdin. */
  launch(command: Command): ChildProcess;
  readonly chain?: RecorderChain;
}

/** Where commands come one right after the other, the second need not wait either. */
const MOST_READY = 2;
/** Whoever waits for a command's end is told first. */
const REFILL_AFTER_END_MS = 4;
/** A command that has not ended by then may take its time: the next one does not wait for that. */
const REFILL_AFTER_START_MS = 25;

/**
 * Starts the commands of one session, each under a recorder that outlives this
 * process. One recorder waits ahead of time, so that a command costs little more
 * than a bare spawn, and a second one once a command came to none; they go with this process or
 * with `close`. New ones are started when a command has ended: they would share the processor with it.
 */
export class Recorders<Command extends Recordable> {
  readonly #launcher: RecorderLauncher<Command>;
  readonly #running = new Map<RecorderHandle, Promise<Exit>>();
  readonly #waiting: WaitingRecorder<Command>[] = [];
  #wanted = 1;
  #closed = false;

  constructor(launcher: RecorderLauncher<Command>) {
    this.#launcher = launcher;
  }

  /** The recorders of this session that are known to run, the waiting one included. */
  get pids(): Set<number> {
    const alive = [...this.#running.keys()].filter(isRecorderAlive).map(({ pid }) => pid);
    const waiting = this.#waiting.flatMap(({ child }) => child.pid ?? []);
    const chain = this.#launcher.chain ?? ((pid) => [pid]);
    return new Set([...alive, ...waiting].flatMap(chain));
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
    if (this.#waiting.length === 0) this.#add();
  }

  /** Throws `invalid_request` when the arguments are too long for the system, `storage_full`. */
  async start(command: Command): Promise<Process> {
    const child = this.#instruct(command) ?? (await this.#launch(command));
    const { sessionId, commandId } = command;
    const pid = child.pid!; // A child without one has thrown.
    const exited = exitOf(child, command);
    const handle = { pid, startTime: readProcess(pid)?.startTime ?? "", commandId };
    this.add(handle, exited);
    this.#refillAfter(exited);
    return new RecordedProcess({
      sessionId,
      handle,
      exited,
      started: false,
      ...(this.#launcher.chain && { chain: this.#launcher.chain }),
      ...(command.stdin && { stdin: child.stdio[3] as Socket }),
    });
  }

  /** Ends those that wait; those that run a command end with it. Nothing waits ahead of time any more. */
  close(): void {
    this.#closed = true;
    for (const { child } of this.#waiting.splice(0)) child.stdin?.end();
  }

  #refillAfter(exited: Promise<Exit>): void {
    const refill = () => {
      while (this.#waiting.length < this.#wanted && this.#add());
    };
    let timer = setTimeout(refill, REFILL_AFTER_START_MS).unref();
    // `exited` never rejects.
    void exited.then(() => {
      clearTimeout(timer);
      timer = setTimeout(refill, REFILL_AFTER_END_MS).unref();
    });
  }

  /** Whether one more waits. */
  #add(): boolean {
    if (this.#closed) return false;
    let waiting: WaitingRecorder<Command>;
    try {
      waiting = this.#launcher.wait();
    } catch {
      return false; // No memory: the next command starts the slower way, and says why if it cannot.
    }
    const { child } = waiting;
    const forget = () => {
      const index = this.#waiting.indexOf(waiting);
      if (index >= 0) this.#waiting.splice(index, 1);
    };
    child.once("exit", forget);
    child.on("error", forget); // No processes left: as above.
    child.stdin?.on("error", forget);
    letEnd(child);
    if (child.pid === undefined) return false;
    this.#waiting.push(waiting);
    return true;
  }

  #instruct(command: Command): ChildProcess | undefined {
    if (command.stdin) return undefined;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { child } = next;
      try {
        const isAlive = child.exitCode === null && child.signalCode === null;
        const answer = isAlive ? next.instruct(command) : "stale";
        if (answer === "taken") return child;
        if (answer === "unfit") {
          this.#waiting.unshift(next);
          return undefined;
        }
        child.stdin?.end();
      } catch (error) {
        // Its logs may be the command's already.
        child.stdin?.end();
        throw processFault(error, command.cmd);
      }
    }
    this.#wanted = MOST_READY;
    return undefined;
  }

  async #launch(command: Command): Promise<ChildProcess> {
    let child: ChildProcess;
    try {
      child = this.#launcher.launch(command);
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

// A command outlives the engine. Whoever waits for it keeps the process alive, not the command.
function letEnd(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as Socket | null | undefined)?.unref?.();
}

/** How the command ended; never rejects. A recorder that was killed takes its command with it: nobody could tell its end. */
async function exitOf(child: ChildProcess, command: Recordable): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>();
  child.once("exit", (code, signal) => resolve([code, signal]));
  const [code, signal] = await promise;
  if (code !== null) return { exitCode: code };
  // `kill -9 0`, for one: the recorder is of the command's process group.
  const { sessionId, commandId, directory } = command;
  // Where there are no descriptors left to look at processes with, the rest ends with the session.
  await killTree({ sessionId, commandId, recorders: new Set() }).catch(() => undefined);
  const exitCode = 128 + constants.signals[signal ?? "SIGKILL"];
  // For the next engine; if the disk is full, this one still knows.
  await writeFile(join(directory, "exit"), `${exitCode}\n`).catch(() => undefined);
  return { exitCode };
}
