import { StreamError } from "@vercel/sandbox";
import { askEngine } from "./engine-call.ts";
import { outputLines } from "./output-lines.ts";

/** A piece of a command's output. */
export interface OutputPiece {
  stream: "stdout" | "stderr";
  data: string;
}

/**
 * What the command has written by now, in order; ends without waiting for more. Throws `unsupported` in the
 * vendor's cloud, `APIError`, and `StreamError` when the output cannot be read to its end.
 */
export async function* outputSoFar(
  { sessionId, cmdId }: { sessionId: string; cmdId: string },
  signal?: AbortSignal,
): AsyncGenerator<OutputPiece, void, void> {
  const response = await askEngine({
    path: `cmd/${encodeURIComponent(cmdId)}/logs?follow=false`,
    sessionId,
    notInCloud: `What ${cmdId} has written so far was asked for, but the vendor's cloud only follows an output to its end: read logs() and leave when it was enough.`,
    signal,
  });
  for await (const line of outputLines(response)) {
    if (line.stream === "error")
      throw new StreamError(line.data.code, line.data.message, sessionId);
    yield line;
  }
}
