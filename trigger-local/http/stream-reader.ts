import type { Engine } from "../engine/engine.ts";
import { RequestError } from "../engine/request-error.ts";
import { eventResponse } from "./event-response.ts";
import type { StreamRecord } from "../store/stream-store.ts";

const DEFAULT_IDLE_SECONDS = 60;
const MAX_IDLE_SECONDS = 600;
const PING_MS = 5_000;
const BATCH_BYTES = 1024 * 1024;

interface ReadOptions {
  engine: Engine;
  stream: string;
  ending: AbortSignal;
}

/**
 * Follows a stream as server-sent events, from where the reader says on. As in the cloud nothing tells that a writer is
 * done: the answer ends when nothing has come for as long as the reader wants to wait.
 */
export function followStream(request: Request, { engine, stream, ending }: ReadOptions): Response {
  const first = firstSeq(request, engine.streams.tail(stream));
  const idleMs = idleSeconds(request) * 1_000;
  const signal = AbortSignal.any([request.signal, ending]);
  async function* events(): AsyncGenerator<string> {
    let next = first;
    let quietSince = Date.now();
    while (!signal.aborted) {
      const records = engine.streams.read(stream, next, BATCH_BYTES);
      const last = records.at(-1);
      if (last) {
        next = last.seq + 1;
        yield event("batch", { records: records.map(wireRecord) });
        quietSince = Date.now();
        continue;
      }
      const leftMs = quietSince + idleMs - Date.now();
      if (leftMs <= 0) return;
      const timeoutMs = Math.min(leftMs, PING_MS);
      const changed = await engine.changes.next(`stream:${stream}`, { timeoutMs, signal });
      if (!changed) yield event("ping", { timestamp: Date.now() });
    }
  }
  return eventResponse(events(), { signal, headers: { "x-stream-version": "v2" } });
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function wireRecord({ seq, timestamp, headers, body }: StreamRecord) {
  return { seq_num: seq, timestamp, headers, body };
}

function firstSeq({ headers }: Request, tail: number): number {
  const last = headers.get("last-event-id");
  if (last !== null) {
    const seq = Number(last);
    if (!Number.isSafeInteger(seq)) {
      throw new RequestError(
        400,
        `Last-Event-ID is ${JSON.stringify(last)}, which is no number of a record.`,
      );
    }
    return seq + 1;
  }
  return headers.get("x-trigger-stream-start") === "latest" ? tail : 0;
}

function idleSeconds({ headers }: Request): number {
  const asked = Number(headers.get("timeout-seconds") ?? DEFAULT_IDLE_SECONDS);
  return asked > 0 ? Math.min(asked, MAX_IDLE_SECONDS) : DEFAULT_IDLE_SECONDS;
}
