import type { OutputStream } from "../../contract/command.ts";

/** Three bytes before each line say to which stream it belongs. */
const MARKS = { stdout: "\u0001\u0001\u0001", stderr: "\u0002\u0002\u0002" } as const;

/**
 * Puts the vendor's marks into output as it comes. A line that comes in pieces has one, unless the other stream
 * came between.
 */
export class OutputMarks {
  #last: OutputStream | undefined;
  readonly #inLine = { stdout: false, stderr: false };

  add(stream: OutputStream, data: string): string {
    let marked = "";
    for (const line of data.split(/(?<=\n)/)) {
      if (line === "") continue;
      if (this.#last !== stream || !this.#inLine[stream]) marked += MARKS[stream];
      marked += line;
      this.#last = stream;
      this.#inLine[stream] = !line.endsWith("\n");
    }
    return marked;
  }
}
