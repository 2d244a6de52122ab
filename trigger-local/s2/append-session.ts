import type { ServerHttp2Stream } from "node:http2";
import type { NewRecord } from "../store/stream-store.ts";
import { errorFrame, messageFrame, readFrames } from "./frames.ts";
import { decodeAppendInput, encodeAppendAck } from "./protobuf.ts";

/** Appends the records to the stream that a session writes to; gives where they went. */
export type Append = (records: NewRecord[]) => { start: number; end: number };

/** Serves one append session of S2: batches come in as frames, and each is acknowledged in turn. Never throws. */
export async function serveAppendSession(stream: ServerHttp2Stream, append: Append): Promise<void> {
  // A writer that goes away closes the stream with an error; there is nobody left to tell.
  stream.on("error", () => {});
  stream.respond({ ":status": 200, "content-type": "s2s/proto" });
  try {
    for await (const body of readFrames(stream)) {
      stream.write(messageFrame(encodeAppendAck(append(decodeAppendInput(body)))));
    }
    stream.end();
  } catch (error) {
    if (stream.destroyed) return;
    stream.end(errorFrame(400, error instanceof Error ? error.message : String(error)));
  }
}
