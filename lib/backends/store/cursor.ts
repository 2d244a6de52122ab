import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { SortOrder } from "../../contract/page.ts";
import { ABSENT, type IndexedValue } from "./indexed-value.ts";

/** The place in a list's order after which the next page begins. */
export interface Position {
  value: IndexedValue;
  key: string;
}

/** Which list, and in which order: a cursor is good for exactly one. */
export interface Ordering {
  list: string;
  sortBy: string;
  sortOrder: SortOrder;
}

const Cursor = z.strictObject({
  v: z.literal(1),
  list: z.string(),
  sortBy: z.string(),
  sortOrder: SortOrder,
  /** Null stands for an absent value. */
  value: z.union([z.string(), z.number(), z.null()]),
  key: z.string(),
});

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** A text that is safe in URLs and means something only to `decodeCursor`. */
export function encodeCursor({ value, key }: Position, ordering: Ordering): string {
  const { list, sortBy, sortOrder } = ordering;
  const cursor = { v: 1, list, sortBy, sortOrder, value: value === ABSENT ? null : value, key };
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** Throws `invalid_request` for what `encodeCursor` did not make, or made for another list or order. */
export function decodeCursor(text: string, ordering: Ordering): Position {
  const cursor = Cursor.safeParse(BASE64URL.test(text) ? parseBase64(text) : undefined);
  if (!cursor.success) {
    throw new SandboxError(
      "invalid_request",
      "The cursor is not one that a list gave out. Pass the `next` of the page before unchanged, or leave the cursor out to start from the beginning.",
    );
  }
  const { list, sortBy, sortOrder, value, key } = cursor.data;
  if (list !== ordering.list || sortBy !== ordering.sortBy || sortOrder !== ordering.sortOrder) {
    throw new SandboxError(
      "invalid_request",
      `The cursor belongs to another list: it was given out for ${list} by ${sortBy} (${sortOrder}), and this is ${ordering.list} by ${ordering.sortBy} (${ordering.sortOrder}). Keep the list and its order while you page, or leave the cursor out to start from the beginning.`,
    );
  }
  return { value: value ?? ABSENT, key };
}

function parseBase64(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    // No JSON: somebody made it up or cut it off.
    return undefined;
  }
}
