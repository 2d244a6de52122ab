import type { Engine, Waiting } from "../../engine/engine.ts";
import { OutputMarks } from "./output-marks.ts";

/**
 * A command's output with the vendor's marks, from its first byte until it ends, in pieces that its clients bear:
 * they put each byte of a piece on their stack.
 */
export async function* markedBytes(
  { commands }: Pick<Engine, "commands">,
  { sessionId, commandId, signal }: Waiting & { sessionId: string; commandId: string },
): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  const marks = new OutputMarks();
  for await (const { stream, data } of commands.output(
    sessionId,
    commandId,
    signal && { signal },
  )) {
    const bytes = encoder.encode(marks.add(stream, data));
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      yield bytes.subarray(start, start + PIECE_BYTES);
    }
  }
}

const PIECE_BYTES = 16 * 1_024;
