import type { Engine } from "../engine/engine.ts";
import { jsonOrText } from "../protocol/packet-value.ts";

const BATCH_BYTES = 256 * 1024;
const PING_MS = 15_000;

interface Followed {
  stream: string;
  signal: AbortSignal;
  request: Request;
}

/** What a stream holds as texts to read, and then what is added, as server-sent events; a browser that comes back goes on. */
export async function* streamTexts(
  engine: Engine,
  { stream, signal, request }: Followed,
): AsyncGenerator<string> {
  let next = Number(request.headers.get("last-event-id") ?? -1) + 1;
  while (!signal.aborted) {
    const records = engine.streams.read(stream, next, BATCH_BYTES);
    for (const { seq, body } of records) {
      next = seq + 1;
      yield `id: ${seq}\nevent: text\ndata: ${JSON.stringify(readable(body))}\n\n`;
    }
    if (records.length > 0) continue;
    if (!(await engine.changes.next(`stream:${stream}`, { timeoutMs: PING_MS, signal }))) {
      yield ": still here\n\n";
    }
  }
}

/** A text as it is; anything else on a line of its own. */
function readable(body: string): string {
  const { data }: { data?: unknown } = body === "" ? {} : JSON.parse(body);
  const value: unknown = typeof data === "string" ? jsonOrText(data) : data;
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    for (const key of ["data", "text"]) {
      const text: unknown = Reflect.get(value, key);
      if (typeof text === "string") return text;
    }
  }
  return `${JSON.stringify(value)}\n`;
}
