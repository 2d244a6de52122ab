import * as z from "zod";
import { DEFAULTS } from "../../contract/defaults.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Page } from "../../contract/page.ts";
import { everyItem } from "../../engine/every-item.ts";
import { wholeNumber } from "./wire-lists.ts";

const Time = wholeNumber({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Lists of this dialect are walked by time: newest first, made after `since` and before `until`. */
export const TimeQuery = z.strictObject({
  limit: wholeNumber({ minimum: 1, maximum: LIMITS.pageSize }).default(DEFAULTS.pageSize),
  since: Time.optional(),
  until: Time.optional(),
});

interface TimePage<Item> {
  items: Item[];
  pagination: { count: number; next: number | null; prev: number | null };
}

/**
 * One page by time. `next` is the `until` of the page that follows, so what was made in one and the same
 * millisecond is never split: a page may be longer than its limit by those.
 */
export function pageByTime<Item extends { createdAt: number }>(
  list: (request: { limit: number; sortOrder: "desc"; cursor?: string }) => Page<Item>,
  {
    limit,
    since = -1,
    until = Number.POSITIVE_INFINITY,
  }: {
    limit: number;
    since?: number | undefined;
    until?: number | undefined;
  },
): TimePage<Item> {
  const items: Item[] = [];
  let more = false;
  for (const item of everyItem((part) => list({ ...part, sortOrder: "desc" }))) {
    if (item.createdAt >= until) continue;
    if (item.createdAt <= since) break;
    if (items.length >= limit && item.createdAt !== items.at(-1)?.createdAt) {
      more = true;
      break;
    }
    items.push(item);
  }
  const next = more ? (items.at(-1)?.createdAt ?? null) : null;
  const prev = Number.isFinite(until) ? (items[0]?.createdAt ?? null) : null;
  return { items, pagination: { count: items.length, next, prev } };
}
