import { join } from "node:path";
import type { OutputStream } from "../../contract/command.ts";
import type { IndexWriter, PerStream } from "./output-index.ts";

// Dropping begins well below the limit and frees a good part of it: it takes a
// tenth of a second on a slow disk, and the command goes on writing.
const DROP_ABOVE = 3 / 4;
const DROP_DOWN_TO = 1 / 2;
// How long it takes until a command that is to be stopped has stopped.
const STOPPING_MS = 20;

export interface OutputLimitOptions {
  directory: string;
  index: IndexWriter;
  /** All that was ever written, as last seen; read at each `apply`. */
  written: Readonly<PerStream>;
  /** What both streams and their index may take on disk together. */
  limitBytes: number;
  /** Gives back the disk blocks of a file's first bytes; false where the machine cannot. */
  discardPrefix: (file: string, bytes: number) => Promise<boolean>;
  /** Called once when room is needed and nothing can be dropped. */
  onUnbounded: () => void;
  /**
   * Called with true when the command writes faster than room can be made, so that it must be
   * stopped, and with false when it may go on. Never rejects.
   */
  onHold: (held: boolean) => void;
  onTrouble: (reason: unknown) => void;
}

/** Keeps one command's output within its limit on disk, by giving up its oldest bytes. */
export class OutputLimit implements Disposable {
  readonly #options: OutputLimitOptions;
  /** How many bytes are being given back: on disk until that is done. */
  #dropping = 0;
  #givenUp = false;
  #isDisposed = false;

  constructor(options: OutputLimitOptions) {
    this.#options = options;
  }

  /** Makes room if there is need; `bytesPerMs` is how fast the command writes now. */
  apply(bytesPerMs = 0): void {
    if (this.#givenUp || this.#isDisposed) return;
    const { limitBytes, index } = this.#options;
    const kept = { stdout: this.#kept("stdout"), stderr: this.#kept("stderr") };
    const total = kept.stdout + kept.stderr + index.size;
    // The stream that fills the disk pays: a few lines of the other one stay readable.
    const stream = kept.stdout >= kept.stderr ? "stdout" : "stderr";
    const step = Math.min(kept[stream], Math.ceil(total - limitBytes * DROP_DOWN_TO));
    const isDropping = this.#dropping > 0;
    const mustDrop = total > limitBytes * DROP_ABOVE && step > 0;
    const soon = total + this.#dropping + bytesPerMs * STOPPING_MS;
    if ((isDropping || mustDrop) && soon > limitBytes) this.#hold(true);
    if (isDropping) return;
    if (mustDrop) void this.#drop(stream, step); // Never rejects.
    else this.#hold(false);
  }

  /** Makes no more room; a command that is held goes on. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#hold(false);
    this.#isDisposed = true;
  }

  #kept(stream: OutputStream): number {
    return this.#options.written[stream] - this.#options.index.losses.dropped[stream];
  }

  async #drop(stream: OutputStream, bytes: number): Promise<void> {
    const { directory, index, discardPrefix, onTrouble, onUnbounded } = this.#options;
    const { dropped, base } = index.losses;
    const before = dropped[stream];
    this.#dropping = bytes;
    try {
      // Said before it is done: a reader must never take a hole for zeros that were written.
      dropped[stream] = before + bytes;
      index.saveLosses();
      const done = await discardPrefix(join(directory, stream), dropped[stream] - base[stream]);
      if (this.#isDisposed) return;
      this.#dropping = 0;
      if (done) {
        this.apply();
        return;
      }
      dropped[stream] = before;
      index.saveLosses();
    } catch (error) {
      onTrouble(error);
    }
    this.#givenUp = true;
    onUnbounded();
  }

  #hold(held: boolean): void {
    const { index, onHold, onTrouble } = this.#options;
    if (index.losses.held === held) return;
    index.losses.held = held;
    try {
      // Said before it is done: the next engine must not leave a command stopped for ever.
      if (held) index.saveLosses();
      onHold(held);
      if (!held) index.saveLosses();
    } catch (error) {
      onTrouble(error);
    }
  }
}
