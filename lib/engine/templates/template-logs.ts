import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BuildLogLine } from "../../contract/template.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Settlement } from "../../std/settlement.ts";
import type { Waiting } from "../engine.ts";

/** What is kept of a line, so that one program that never ends its line does not fill the log. */
export const LINE_CHARACTERS = 8 * 1_024;
/** What a line takes beside its text, roughly. */
const LINE_BYTES = 64;

/** The log of a build that runs: held in memory, and written to a file for whoever asks later. */
export class BuildLog {
  readonly #file: string;
  readonly #now: () => number;
  readonly #lines: BuildLogLine[] = [];
  #bytes = 0;
  #isFull = false;
  #isClosed = false;
  #written: Promise<void>;
  #changed = new Settlement<void>();

  constructor({ file, now }: { file: string; now: () => number }) {
    this.#file = file;
    this.#now = now;
    this.#written = mkdir(dirname(file), { recursive: true, mode: 0o700 }).then(
      () => undefined,
      () => undefined, // Whoever writes to it finds out, and goes on without.
    );
  }

  get lines(): readonly BuildLogLine[] {
    return this.#lines;
  }

  /** What is over the limit is not kept, and the last line that is says so. */
  add({ message, ...line }: Omit<BuildLogLine, "at">): void {
    if (this.#isFull || this.#isClosed) return;
    const text =
      message.length > LINE_CHARACTERS ? `${message.slice(0, LINE_CHARACTERS)}…` : message;
    let added: BuildLogLine = { at: this.#now(), ...line, message: text };
    this.#bytes += Buffer.byteLength(text) + LINE_BYTES;
    if (this.#bytes > LIMITS.buildLogBytes) {
      this.#isFull = true;
      const full = `The log has reached ${LIMITS.buildLogBytes} bytes; what follows is not kept.`;
      added = { at: this.#now(), level: "warn", message: full };
    }
    this.#lines.push(added);
    const data = `${JSON.stringify(added)}\n`;
    this.#written = this.#written
      .then(() => appendFile(this.#file, data, { mode: 0o600 }))
      .catch(() => undefined); // A full disk fails the build by itself; a log that cannot be kept does not.
    this.#wake();
  }

  /** From the first line; with `follow` until it is closed. */
  async *read({ follow = true, signal }: Waiting & { follow?: boolean } = {}): AsyncGenerator<
    BuildLogLine,
    void,
    void
  > {
    signal?.throwIfAborted();
    for (let position = 0; ;) {
      const changed = this.#changed;
      for (; position < this.#lines.length; position++) yield this.#lines[position]!;
      if (this.#isClosed || !follow) return;
      await changed.wait(signal);
    }
  }

  /** Returns when everything so far is in the file. */
  async flush(): Promise<void> {
    await this.#written;
  }

  /** Nothing more is added: readers end when they have read what is there. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = new Settlement();
    changed.resolve();
  }
}

/** The log of a build that has ended; empty when there is none. */
export async function readBuildLog(file: string): Promise<BuildLogLine[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  // The last line of an engine that was killed may be cut.
  return text.split("\n").flatMap((line) => BuildLogLine.safeParse(parsedJson(line)).data ?? []);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut, as above.
  }
}
