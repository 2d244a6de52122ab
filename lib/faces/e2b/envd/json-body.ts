import type * as z from "zod";
import { LIMITS } from "../../../contract/limits.ts";
import { Refusal } from "./connect-codes.ts";

/** One message, of a stream or alone. Input for a command comes in one piece, in Base64: there is room for 48 MiB. */
export const MESSAGE_BYTES = 16 * LIMITS.jsonBodyBytes;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A body's JSON; an empty one counts as `{}`. Throws Refusal: `invalid_argument`, `resource_exhausted`. */
export async function readJsonBody(request: Request): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.byteLength;
    if (size > MESSAGE_BYTES) {
      throw new Refusal(
        "resource_exhausted",
        `A message may have ${MESSAGE_BYTES} bytes; this one has more. Files are sent to /files.`,
      );
    }
    pieces.push(piece);
  }
  return size === 0 ? {} : parseJson(Buffer.concat(pieces, size));
}

/** Throws Refusal. What was sent is not quoted: it may hold a secret. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch (error) {
    throw new Refusal("invalid_argument", "The message is not valid JSON.", { cause: error });
  }
}

/** A checked copy. Throws Refusal `invalid_argument` that names the first field that is wrong. */
export function parseMessage<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".");
  throw new Refusal(
    "invalid_argument",
    `${field ? `\`${field}\`: ` : ""}${issue?.message ?? "this is no message of this call"}`,
    { cause: parsed.error },
  );
}
