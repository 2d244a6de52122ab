import { LIMITS } from "../contract/limits.ts";
import type { Page } from "../contract/page.ts";

/** All items of a list, read page by page while they are taken. */
export function* everyItem<Item>(
  list: (part: { limit: number; cursor?: string }) => Page<Item>,
): Generator<Item, void, void> {
  let cursor: string | undefined;
  do {
    const page = list({ limit: LIMITS.pageSize, ...(cursor !== undefined && { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
