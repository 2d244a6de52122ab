import * as z from "zod";
import { DEFAULTS } from "./defaults.ts";
import { LIMITS } from "./limits.ts";

export const SortOrder = z.enum(["asc", "desc"]);
export type SortOrder = z.output<typeof SortOrder>;

/** What every list takes: how many, from where, in which direction. */
export const PageRequest = z.strictObject({
  limit: z.int().min(1).max(LIMITS.pageSize).default(DEFAULTS.pageSize),
  /** Opaque: the `next` of the page before. */
  cursor: z.string().min(1).optional(),
  sortOrder: SortOrder.default("desc"),
});
export type PageRequest = z.output<typeof PageRequest>;

/** One page of a list; `next` is absent on the last. */
export interface Page<Item> {
  items: Item[];
  next?: string;
}
