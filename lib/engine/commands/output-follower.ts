import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { OutputStream } from "../../contract/command.ts";
import { BurstLimit } from "../../std/burst-limit.ts";
import { Settlement } from "../../std/settlement.ts";
import { IndexWriter, type PerStream, readLosses } from "./output-index.ts";
import { OutputLimit, type OutputLimitOptions } from "./output-limit.ts";
import { type DirectoryWatch, watchDirectory } from "../watch-directory.ts";

const STREAMS = OutputStream.options;
export const INDEX_FILE = "index";
// A command that writes without end costs 50 looks a second, and its index 1.6 kB; one that
// does not is looked at whenever it wrote.
const LOOKS = { burst: 4_096, everyMs: 20 };
// So much of the limit may be written between two looks: what writes faster is looked at more often.
const UNSEEN_PART = 1 / 32;

/** What a reader needs to know of an output that may still grow. */
export interface OutputState {
  readonly directory: string;
  /** How many bytes at the beginning of each stream are gone. */
  readonly dropped: Readonly<PerStream>;
  /** Which byte of each stream its file begins with. */
  readonly base: Readonly<PerStream>;
  /** Whether the command has ended: readers end when they have read what is there. */
  readonly closed: boolean;
  /** Why nobody follows the output any more, though the command has not ended. */
  readonly failure?: unknown;
  /** Resolves at the next change; a new one stands here afterwards. */
  readonly changed: Settlement<void>;
  /** Takes what was written and not seen yet, and gives the bytes that the index tells of now. Absent where nothing more is written. */
  lookNow?(): number;
}

/** The state of an output that has ended. */
export function endedOutput(directory: string): OutputState {
  return {
    directory,
    ...readLosses(join(directory, INDEX_FILE)),
    closed: true,
    changed: new Settlement(),
  };
}

export interface OutputFollowerOptions extends Omit<OutputLimitOptions, "index" | "written"> {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Called once when the output cannot be followed as it should: no room for the index, no file watches left. */
  onTrouble: (reason: unknown) => void;
}

/**
 * Follows what one command writes to its log files: keeps the index of arrival,
 * drops the oldest bytes over the limit, and wakes the readers. Woken by the
 * system's file events alone; holds no output in memory.
 */
export class OutputFollower implements OutputState, Disposable {
  readonly directory: string;
  readonly #options: OutputFollowerOptions;
  readonly #index: IndexWriter;
  readonly #files: PerStream;
  /** All that was ever written, as last seen. */
  readonly #written: PerStream;
  readonly #limit: OutputLimit;
  readonly #looks = new BurstLimit(LOOKS, performance.now());
  #watch: DirectoryWatch;
  #nextLook: (() => void) | undefined;
  #changed = new Settlement<void>();
  #closed = false;
  #released = false;
  #failure: unknown;
  #inTrouble = false;
  #grewAt = performance.now();
  /** How fast the output grew when it was last seen to grow. */
  #bytesPerMs = 0;

  /** Makes the log files if they are not there, and takes up what an earlier engine did not index. */
  constructor(options: OutputFollowerOptions) {
    this.#options = options;
    this.directory = options.directory;
    const opened: number[] = [];
    try {
      const open = (stream: OutputStream) => {
        const descriptor = openSync(join(options.directory, stream), "a+", 0o600);
        opened.push(descriptor);
        return descriptor;
      };
      this.#files = { stdout: open("stdout"), stderr: open("stderr") };
      this.#index = new IndexWriter(join(options.directory, INDEX_FILE));
    } catch (error) {
      for (const descriptor of opened) closeSync(descriptor);
      throw error;
    }
    this.#written = { ...this.#index.known };
    this.#limit = new OutputLimit({
      ...options,
      index: this.#index,
      written: this.#written,
      onTrouble: (reason) => this.#trouble(reason),
    });
    this.#watch = this.#startWatch();
    this.#look();
    // An earlier engine may have died while it held the command.
    this.#limit.apply();
  }

  get dropped(): Readonly<PerStream> {
    return this.#index.losses.dropped;
  }

  get base(): Readonly<PerStream> {
    return this.#index.losses.base;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get failure(): unknown {
    return this.#failure;
  }

  get changed(): Settlement<void> {
    return this.#changed;
  }

  /** When output was last seen, in milliseconds of `performance.now()`. */
  get grewAt(): number {
    return this.#grewAt;
  }

  lookNow(): number {
    this.#look();
    const { stdout, stderr } = this.#index.known;
    return stdout + stderr;
  }

  /**
   * The command has ended: takes its last bytes and lets readers end when they have read them. What it
   * left behind in the background may go on writing and is kept within the limit, until this is disposed of.
   */
  finish(): void {
    if (this.#closed) return;
    this.#look();
    this.#closed = true;
    this.#wake();
  }

  /** Stops following without closing, for the next engine to go on: readers here fail with the reason. */
  abandon(reason: unknown): void {
    this.#failure = reason;
    this[Symbol.dispose]();
    this.#wake();
  }

  /** Stops following. */
  [Symbol.dispose](): void {
    if (this.#released) return;
    this.#released = true;
    this.#watch[Symbol.dispose]();
    this.#nextLook?.();
    this.#limit[Symbol.dispose]();
    this.#index[Symbol.dispose]();
    for (const stream of STREAMS) closeSync(this.#files[stream]);
  }

  #startWatch(): DirectoryWatch {
    const watch = watchDirectory(this.directory, (file) => {
      // The engine's own writing is no news.
      if (file !== INDEX_FILE) this.#lookSoon();
    });
    if (watch.reason !== undefined) this.#trouble(watch.reason);
    return watch;
  }

  #lookSoon(): void {
    if (this.#nextLook || this.#released) return;
    const waitMs = this.#timeToNextLook();
    // Even at once means after the events that came together with this one: they are one look.
    if (waitMs < 1) {
      const immediate = setImmediate(() => this.#look());
      this.#nextLook = () => clearImmediate(immediate);
    } else {
      // Meanwhile each of the command's writes would be an event, for nothing.
      this.#watch[Symbol.dispose]();
      const lookAgain = () => {
        // Watched first, so that nothing written after the look goes unseen.
        this.#watch = this.#startWatch();
        this.#look();
      };
      const timer = setTimeout(lookAgain, waitMs).unref();
      this.#nextLook = () => clearTimeout(timer);
    }
  }

  #timeToNextLook(): number {
    const unseenMs = (this.#options.limitBytes * UNSEEN_PART) / this.#bytesPerMs;
    return unseenMs < LOOKS.everyMs ? unseenMs : this.#looks.take(performance.now());
  }

  #look(): void {
    this.#nextLook?.();
    this.#nextLook = undefined;
    if (this.#released) return;
    const before = this.#written.stdout + this.#written.stderr;
    try {
      if (!this.#takeNews()) return;
    } catch (error) {
      // The bytes are in their files: readers find what is in no index when the command has ended.
      this.#trouble(error);
    }
    const now = performance.now();
    const bytes = this.#written.stdout + this.#written.stderr - before;
    this.#bytesPerMs = bytes / Math.max(1, now - this.#grewAt);
    this.#grewAt = now;
    this.#wake();
    this.#limit.apply(this.#bytesPerMs);
  }

  #takeNews(): boolean {
    const { known, losses } = this.#index;
    const at = this.#options.now();
    let grew = false;
    for (const stream of STREAMS) {
      const { size } = fstatSync(this.#files[stream]);
      // A command can cut its own log, as `> /dev/stdout` does: what was in it is gone.
      if (losses.base[stream] + size < known[stream]) {
        losses.base[stream] = known[stream];
        losses.dropped[stream] = known[stream];
        this.#index.saveLosses();
      }
      this.#written[stream] = losses.base[stream] + size;
      const length = this.#written[stream] - known[stream];
      if (length <= 0) continue;
      this.#index.append({ stream, at, length });
      grew = true;
    }
    return grew;
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = new Settlement();
    changed.resolve();
  }

  #trouble(reason: unknown): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    this.#options.onTrouble(reason);
  }
}
