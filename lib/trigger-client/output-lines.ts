import { OutputLine } from "../contract/output-line.ts";
import { readLines } from "../std/read-lines.ts";

/** The lines of an answer that is a command's output. Throws when one is none of them. */
export async function* outputLines(response: Response): AsyncGenerator<OutputLine, void, void> {
  for await (const line of readLines(response.body)) {
    // An empty line only keeps the connection alive.
    if (line !== "") yield OutputLine.parse(JSON.parse(line));
  }
}
