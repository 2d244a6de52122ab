import { RequestError } from "../engine/request-error.ts";
import type { NewRecord } from "../store/stream-store.ts";

/** As S2 has it, for one record. */
const LIMIT_BYTES = 1024 * 1024;

/** The record that a request appends: its body as it is, in the envelope that readers expect. Throws a 413 for too much. */
export async function appendedRecord(request: Request): Promise<NewRecord> {
  const part = request.headers.get("x-part-id") ?? crypto.randomUUID();
  return { ...envelope(await request.text(), part), part };
}

/** The data in the envelope of a record. Throws a 413 when it is too large. */
export function envelope(data: string, id: string = crypto.randomUUID()): NewRecord {
  const bytes = Buffer.byteLength(data);
  if (bytes > LIMIT_BYTES) {
    throw new RequestError(
      413,
      `A record may have 1 MiB, and this one has ${bytes} bytes. Split it.`,
    );
  }
  return { body: JSON.stringify({ data, id }) };
}
