import { readUIMessageStream } from "ai";
import type { StudioChunk, StudioMessage } from "../../contract/message.ts";

/** The message that a stream of chunks makes. Undefined if nothing was said yet. */
export async function replayMessage(
  chunks: readonly StudioChunk[],
): Promise<StudioMessage | undefined> {
  let message: StudioMessage | undefined;
  const stream = new ReadableStream<StudioChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  for await (const state of readUIMessageStream<StudioMessage>({ stream })) message = state;
  return message;
}
