import type { Kept } from "../contract/sandbox-life.ts";

/** What faces keep after a change: each given face's is replaced, and gone where it is null. */
export function mergeKept(before: Kept | undefined, changes: Kept): Kept {
  const merged = Object.entries({ ...before, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}
