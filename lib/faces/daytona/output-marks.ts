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
    if (data === "") return "";
    const mark = MARKS[stream];
    const goesOn = this.#last === stream && this.#inLine[stream];
    const end = data.endsWith("\n") ? "\n" : "";
    this.#last = stream;
    this.#inLine[stream] = end === "";
    // Not `replaceAll`: what it makes of short lines takes V8 ten times as long to write as JSON.
    const lines = data
      .slice(0, data.length - end.length)
      .split("\n")
      .join(`\n${mark}`);
    return `${goesOn ? "" : mark}${lines}${end}`;
  }
}
