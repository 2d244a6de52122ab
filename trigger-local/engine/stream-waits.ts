import type { NewRecord } from "../store/stream-store.ts";
import type { Waitpoint } from "../store/waitpoint-store.ts";
import type { Engine } from "./engine.ts";
import { completeWaitpoint, createWaitpoint } from "./waits.ts";

/** A waitpoint that the stream's next record completes; one that is there already, from `from` on, does so at once. */
export function createStreamWaitpoint(
  engine: Engine,
  { stream, from, fields }: { stream: string; from: number; fields: Partial<Waitpoint> },
): Waitpoint {
  const waitpoint = createWaitpoint(engine, {
    type: "MANUAL",
    ...fields,
    stream,
    streamFrom: from,
  });
  completeFromStream(engine, waitpoint);
  return waitpoint;
}

/** Appends to a stream, and lets go on who waited for a record of it. */
export function appendToStream(
  engine: Engine,
  stream: string,
  records: readonly NewRecord[],
): { start: number; end: number } {
  const at = engine.streams.append(stream, records);
  for (const waitpoint of engine.waitpoints.pendingOfStream(stream)) {
    completeFromStream(engine, waitpoint);
  }
  return at;
}

function completeFromStream(engine: Engine, { id, stream, streamFrom }: Waitpoint): void {
  const [record] = engine.streams.read(stream ?? "", streamFrom ?? 0, 1);
  if (!record) return;
  completeWaitpoint(engine, id, {
    output: dataOf(record.body),
    outputType: "application/json",
  });
}

// A record is an envelope: `{"data": …, "id": …}`. What a sender handed in as text is JSON itself.
function dataOf(body: string): string {
  const envelope: unknown = body === "" ? undefined : JSON.parse(body);
  const isEnvelope = typeof envelope === "object" && envelope !== null && "data" in envelope;
  const data = isEnvelope ? envelope.data : null;
  return typeof data === "string" ? data : JSON.stringify(data);
}
