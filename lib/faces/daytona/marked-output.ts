import type { Engine, Waiting } from "../../engine/engine.ts";
import { OutputMarks } from "./output-marks.ts";

// For each line in a piece the vendor's clients look through all of the piece, and put each byte of it on their
// stack: many lines go in many pieces, and a long one in several.
const LINES_LENGTH = 512;
const PIECE_LENGTH = 16 * 1_024;

/** A command's output with the vendor's marks, from its first byte until it ends, in pieces that its clients bear. */
export async function* markedBytes(
  { commands }: Pick<Engine, "commands">,
  { sessionId, commandId, signal }: Waiting & { sessionId: string; commandId: string },
): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  const marks = new OutputMarks();
  for await (const chunk of commands.output(sessionId, commandId, signal && { signal })) {
    for (const piece of pieces(marks.add(chunk.stream, chunk.data))) yield encoder.encode(piece);
  }
}

/** The text in order: whole lines together, as many as go in one piece, and lines that are longer in parts. */
function* pieces(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length;) {
    const lastEnd = text.lastIndexOf("\n", start + LINES_LENGTH - 1) + 1;
    // A line that is longer than that by itself.
    const nextEnd = text.indexOf("\n", start) + 1 || text.length;
    const end = lastEnd > start ? lastEnd : Math.min(nextEnd, start + PIECE_LENGTH);
    yield text.slice(start, end);
    start = end;
  }
}
