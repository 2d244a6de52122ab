import type { TerminalView } from "../../contract/terminal.ts";
import { abortable } from "../../std/abortable.ts";
import type { Terminal } from "../ports.ts";

/** What somebody who comes later is shown of what was before. */
const BACKLOG_BYTES = 64 * 1024;
/** A reader that has as much before it slows the program down, as a real terminal would. */
const UNREAD_BYTES = 1024 * 1024;

interface Reader {
  unread: Buffer[];
  bytes: number;
  changed: PromiseWithResolvers<void>;
}

/** A terminal that goes on without anybody who looks at it, and shows the last of it to whoever comes. */
export class KeptTerminal {
  readonly terminal: Terminal;
  /** Never rejects: its exit code, once all it showed was taken in. */
  readonly ended: Promise<number>;
  readonly #view: TerminalView;
  readonly #readers = new Set<Reader>();
  #backlog: Buffer[] = [];
  #backlogBytes = 0;
  #isShown = false;
  #isEnding = false;

  constructor(terminal: Terminal, view: TerminalView) {
    this.terminal = terminal;
    this.#view = view;
    const shown = Promise.withResolvers<void>();
    terminal.output.on("data", (data: Buffer) => this.#take(data));
    const end = () => {
      this.#isShown = true;
      shown.resolve();
      for (const reader of this.#readers) wake(reader);
    };
    // Its session may have ended before it is kept, and it with that.
    if (terminal.output.closed) end();
    else terminal.output.once("close", end);
    this.ended = Promise.all([terminal.exited, shown.promise]).then(([{ exitCode }]) => {
      this.#view.exitCode = exitCode;
      return exitCode;
    });
  }

  get view(): TerminalView {
    return { ...this.#view };
  }

  resize(size: { columns: number; rows: number }): void {
    Object.assign(this.#view, size);
    this.terminal.resize(size);
  }

  /** Ends its program, and waits for no reader however slow. Not for one of a frozen session, which cannot end. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.terminal[Symbol.asyncDispose]();
    await this.ended;
  }

  /** Ends when all was shown; throws the signal's reason when aborted. */
  async *read(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const reader: Reader = {
      unread: [...this.#backlog],
      bytes: this.#backlogBytes,
      changed: Promise.withResolvers(),
    };
    this.#readers.add(reader);
    try {
      while (true) {
        for (let next = reader.unread.shift(); next; next = reader.unread.shift()) {
          reader.bytes -= next.byteLength;
          this.#relieve();
          signal?.throwIfAborted();
          yield next;
        }
        if (this.#isShown) return;
        await abortable(reader.changed.promise, signal);
      }
    } finally {
      this.#readers.delete(reader);
      this.#relieve();
    }
  }

  #take(data: Buffer): void {
    this.#backlog.push(data);
    this.#backlogBytes += data.byteLength;
    for (let over = this.#backlogBytes - BACKLOG_BYTES; over > 0;) {
      const [first] = this.#backlog;
      if (!first) break;
      const cut = Math.min(over, first.byteLength);
      if (cut === first.byteLength) this.#backlog.shift();
      else this.#backlog[0] = first.subarray(cut);
      this.#backlogBytes -= cut;
      over -= cut;
    }
    for (const reader of this.#readers) {
      reader.unread.push(data);
      reader.bytes += data.byteLength;
      wake(reader);
    }
    if (this.#isHeldUp) this.terminal.output.pause();
  }

  #relieve(): void {
    if (!this.#isHeldUp) this.terminal.output.resume();
  }

  get #isHeldUp(): boolean {
    return !this.#isEnding && [...this.#readers].some(({ bytes }) => bytes > UNREAD_BYTES);
  }
}

function wake(reader: Reader): void {
  reader.changed.resolve();
  reader.changed = Promise.withResolvers();
}
