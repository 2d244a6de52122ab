import * as z from "zod";
import type { Page } from "../../../contract/page.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { WholeNumber } from "./query-fields.ts";

/** What every list of this vendor takes, as text of a query. */
export const PageQuery = z.object({
  limit: WholeNumber.pipe(z.int().min(1).max(LIMITS.pageSize)).default(LIMITS.pageSize),
  nextToken: z
    .string()
    .transform((text) => (text === "" ? undefined : text))
    .optional(),
});

/**
 * One page of those items that are wanted, of a list that knows nothing of that: reads as many as are still
 * needed at a time, so that the list's own cursor is right behind the last that was taken.
 */
export function filteredPage<Item>(
  list: (part: { limit: number; cursor?: string }) => Page<Item>,
  { limit, cursor: first }: { limit: number; cursor: string | undefined },
  isWanted: (item: Item) => boolean,
): Page<Item> {
  const items: Item[] = [];
  let cursor = first;
  do {
    const page = list(withoutUndefined({ limit: limit - items.length, cursor }));
    items.push(...page.items.filter(isWanted));
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return withoutUndefined({ items, next: cursor });
}

/** The vendor's cursor is a header. */
export function withNextToken(answer: Response, next: string | undefined): Response {
  if (next !== undefined) answer.headers.set("x-next-token", next);
  return answer;
}
