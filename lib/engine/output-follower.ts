import {
  closeSync,
  existsSync,
  fstatSync,
  type FSWatcher,
  openSync,
  readFileSync,
  renameSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { OutputStream } from "../contract/command.ts";
import { IndexWriter } from "./output-index.ts";

const PerStream = z.strictObject({ stdout: z.int(), stderr: z.int() });
type PerStream = z.output<typeof PerStream>;

/** What is no longer in the files, kept beside them. */
const Losses = z.strictObject({
  /** How many bytes at the beginning of each stream are gone. */
  dropped: PerStream,
  /** Which byte of each stream its file begins with: not 0 after the command cut its own log. */
  base: PerStream,
});
type Losses = z.output<typeof Losses>;

const STREAMS = OutputStream.options;
const INDEX_FILE = "index";
const LOSSES_FILE = "losses";
// Dropping begins well below the limit and frees a good part of it, so that a
// command that writes faster than the disk's blocks are given back stays within it.
const DROP_ABOVE = 3 / 4;
const DROP_DOWN_TO = 1 / 2;

/** What a reader needs to know of an output that may still grow. */
export interface OutputState {
  readonly directory: string;
  /** How many bytes at the beginning of each stream are gone. */
  readonly dropped: Readonly<PerStream>;
  /** Which byte of each stream its file begins with. */
  readonly base: Readonly<PerStream>;
  readonly closed: boolean;
  /** Resolves at the next change; a new promise stands here afterwards. */
  readonly changed: Promise<void>;
}

/** The state of an output that has ended. */
export function endedOutput(directory: string): OutputState {
  return {
    directory,
    ...readLosses(directory),
    closed: true,
    changed: Promise.resolve(),
  };
}

function readLosses(directory: string): Losses {
  const file = join(directory, LOSSES_FILE);
  const nothing = { stdout: 0, stderr: 0 };
  if (!existsSync(file)) return { dropped: { ...nothing }, base: { ...nothing } };
  return Losses.parse(JSON.parse(readFileSync(file, "utf8")));
}

export interface OutputFollowerOptions {
  directory: string;
  now: () => number;
  /** What both streams together may take on disk. */
  limitBytes: number;
  /** Gives back the disk blocks of a file's first bytes; false where the machine cannot. */
  discardPrefix: (file: string, bytes: number) => Promise<boolean>;
  /** Called once when the limit is reached and nothing can be dropped. */
  onUnbounded: () => void;
}

/**
 * Follows what one command writes to its log files: keeps the index of arrival,
 * drops the oldest bytes over the limit, and wakes the readers. Woken by the
 * system's file events alone; holds no output in memory.
 */
export class OutputFollower implements OutputState {
  readonly directory: string;
  readonly dropped: PerStream;
  readonly base: PerStream;
  readonly #options: OutputFollowerOptions;
  readonly #index: IndexWriter;
  readonly #files: Record<OutputStream, number>;
  #watcher: FSWatcher | undefined;
  #changed = Promise.withResolvers<void>();
  #closed = false;
  #dropping = false;

  /** Makes the log files if they are not there, and takes up what an earlier engine did not index. */
  constructor(options: OutputFollowerOptions) {
    this.#options = options;
    this.directory = options.directory;
    const { dropped, base } = readLosses(options.directory);
    this.dropped = dropped;
    this.base = base;
    this.#files = {
      stdout: openSync(join(options.directory, "stdout"), "a+"),
      stderr: openSync(join(options.directory, "stderr"), "a+"),
    };
    this.#index = new IndexWriter(join(options.directory, INDEX_FILE));
    // A program that has nothing left to do ends, whatever its commands go on to write.
    const quietly = { persistent: false };
    this.#watcher = watch(options.directory, quietly, (_event, file) => {
      // The engine's own writing is no news.
      if (file !== INDEX_FILE && !file?.startsWith(LOSSES_FILE)) this.#scan();
    });
    this.#scan();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Takes the last bytes and closes the output: readers end when they have read them. */
  finish(): void {
    if (this.#closed) return;
    this.#scan();
    this.#release();
    this.#closed = true;
    this.#wake();
  }

  /** Stops following without closing: another engine goes on. Readers here end with an error of their signal only. */
  abandon(): void {
    if (!this.#closed) this.#release();
    this.#closed = true;
    this.#wake();
  }

  #release(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#index[Symbol.dispose]();
    for (const stream of STREAMS) closeSync(this.#files[stream]);
  }

  #scan(): void {
    if (this.#closed) return;
    const at = this.#options.now();
    let grew = false;
    for (const stream of STREAMS) {
      const { size } = fstatSync(this.#files[stream]);
      const known = this.#index.known[stream];
      // A command can cut its own log, as `> /dev/stdout` does: what was in it is gone.
      if (this.base[stream] + size < known) this.#remember(stream, { base: known, dropped: known });
      const length = this.base[stream] + size - known;
      if (length <= 0) continue;
      this.#index.append({ stream, at, length });
      grew = true;
    }
    if (!grew) return;
    this.#wake();
    this.#bound();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #bound(): void {
    const { limitBytes } = this.#options;
    const kept = (stream: OutputStream) => this.#index.known[stream] - this.dropped[stream];
    const total = kept("stdout") + kept("stderr");
    if (total <= limitBytes * DROP_ABOVE || this.#dropping) return;
    // The stream that fills the disk pays: a few lines of the other one stay readable.
    const stream = kept("stdout") >= kept("stderr") ? "stdout" : "stderr";
    const step = Math.min(kept(stream), Math.ceil(total - limitBytes * DROP_DOWN_TO));
    this.#dropping = true;
    void this.#drop(stream, this.dropped[stream] + step); // Never rejects.
  }

  async #drop(stream: OutputStream, upTo: number): Promise<void> {
    const before = this.dropped[stream];
    // Said before it is done: a reader must never take a hole for zeros that were written.
    this.#remember(stream, { dropped: upTo });
    const done = await this.#options
      .discardPrefix(join(this.directory, stream), upTo - this.base[stream])
      .catch(() => false); // The reason is the backend's to log; here only the effect counts.
    if (!done) {
      this.#remember(stream, { dropped: before });
      this.#options.onUnbounded();
      return; // Left set: it is tried once.
    }
    this.#dropping = false;
    if (!this.#closed) this.#bound();
  }

  #remember(stream: OutputStream, losses: { dropped: number; base?: number }): void {
    this.dropped[stream] = losses.dropped;
    this.base[stream] = losses.base ?? this.base[stream];
    const file = join(this.directory, LOSSES_FILE);
    writeFileSync(`${file}.new`, JSON.stringify({ dropped: this.dropped, base: this.base }));
    renameSync(`${file}.new`, file);
  }
}
