import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Writable } from "node:stream";
import * as z from "zod";
import type { Exit, Process } from "../../engine/ports.ts";
import { findInsidePid } from "./inside-pid.ts";
import { childrenOf, readProcess, readProcFile } from "./process-table.ts";
import { findTree, killTree, type ProcessTree, signalTree } from "./process-tree.ts";
import { RECORDER_WORD } from "./recorder-script.ts";

/** What names a command's recorder beyond this engine's life. */
export const RecorderHandle = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  commandId: z.string(),
});
export type RecorderHandle = z.output<typeof RecorderHandle>;

/** The processes from the recorder down to the one whose child the command is. */
export type RecorderChain = (pid: number) => number[];

/** Whether the pid is still that of the recorder, and not of a later process. */
export function isRecorderAlive({ pid, startTime }: RecorderHandle): boolean {
  return readProcess(pid)?.startTime === startTime;
}

export interface RecordedProcessOptions {
  sessionId: string;
  handle: RecorderHandle;
  exited: Promise<Exit>;
  /** Whether the command is known to run, rather than its recorder being about to start it. */
  started: boolean;
  /** The recorder and those of its descendants that belong to it and not to the command; by default itself alone. */
  chain?: RecorderChain;
  stdin?: Writable;
}

/** A command under a recorder of ours. */
export class RecordedProcess implements Process {
  readonly handle: RecorderHandle;
  readonly exited: Promise<Exit>;
  readonly stdin?: Writable;
  readonly #sessionId: string;
  readonly #chain: RecorderChain | undefined;
  #started: boolean;
  #ended = false;

  constructor(options: RecordedProcessOptions) {
    const { sessionId, handle } = options;
    this.handle = handle;
    this.exited = options.exited;
    if (options.stdin) {
      this.stdin = options.stdin;
      // Writers get the error by their own callbacks; without a listener it would end this process.
      this.stdin.on("error", () => undefined);
    }
    this.#sessionId = sessionId;
    this.#chain = options.chain;
    this.#started = options.started;
    void this.exited.then(() => (this.#ended = true)); // `exited` never rejects.
  }

  async signal(signal: number): Promise<void> {
    await this.#whenStarted();
    if (signal === constants.signals.SIGKILL) await killTree(this.#tree());
    else signalTree(this.#tree(), signal);
  }

  findPid(): Promise<number | undefined> {
    const find = () => childrenOf(this.#recorders().at(-1) ?? this.handle.pid).find(runsProgram);
    return findInsidePid(find, () => this.#ended);
  }

  // Once the recorder is gone its pid may be another's, whose children are none of ours.
  #tree(): ProcessTree {
    const { commandId, startTime } = this.handle;
    const recorders = new Set(isRecorderAlive(this.handle) ? this.#recorders() : []);
    return {
      sessionId: this.#sessionId,
      commandId,
      recorders,
      since: startTime,
      ...(this.#chain && { neverStop: true }),
    };
  }

  #recorders(): number[] {
    const { pid } = this.handle;
    return this.#chain?.(pid) ?? [pid];
  }

  // A recorder takes a millisecond or two to start the command, and has no way to tell that it has:
  // exec is silent. A signal sent meanwhile would meet nobody.
  async #whenStarted(): Promise<void> {
    while (!this.#started && !this.#ended) {
      this.#started = this.#hasStarted();
      if (!this.#started) await delay(1);
    }
  }

  #hasStarted(): boolean {
    const children = childrenOf(this.#recorders().at(-1) ?? this.handle.pid);
    if (children.length > 0) return children.some(runsProgram);
    // A kernel without that file (it is an option), or another system.
    return findTree(this.#tree()).some((entry) => runsProgram(entry.pid));
  }
}

function runsProgram(pid: number): boolean {
  if (process.platform !== "linux") return true;
  const line = readProcFile(pid, "cmdline");
  return line !== undefined && !line.includes(RECORDER_WORD);
}
