import { readFile } from "node:fs/promises";
import type { IdMap } from "./id-map.ts";

/**
 * Where a root engine's range begins: above what systemd gives to containers, and what distributions
 * hand out in /etc/subuid. The host's root is no part of it.
 */
const BASE = 1_900_000_000;
const COUNT = 65_536;
/** The default user, and the system's accounts below him. */
const LEAST_COUNT = 2_048;

/**
 * The range that root may give away by the text of its own /proc/self/uid_map; undefined when it has
 * too few ids. In a container that is a user namespace itself, root has only the ids of that: then
 * the range is the upper part of them, which no account uses.
 */
export function rangeWithin(text: string): Extract<IdMap, { kind: "range" }> | undefined {
  const extents = [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/gm)].map(
    ([, inside, , length]) => ({ first: Number(inside), length: Number(length) }),
  );
  const holds = ({ first, length }: { first: number; length: number }) =>
    first <= BASE && first + length >= BASE + COUNT;
  if (extents.some(holds)) return { kind: "range", base: BASE, count: COUNT };
  const [largest] = extents.sort((a, b) => b.length - a.length);
  const count = Math.min(COUNT, Math.floor((largest?.length ?? 0) / 2));
  if (!largest || count < LEAST_COUNT) return undefined;
  return { kind: "range", base: largest.first + largest.length - count, count };
}

/** What root may give away here; undefined when it has too few ids. */
export async function rootRange(): Promise<Extract<IdMap, { kind: "range" }> | undefined> {
  const [uids, gids] = await Promise.all(
    ["uid_map", "gid_map"].map((name) => readFile(`/proc/self/${name}`, "utf8")),
  );
  const [byUid, byGid] = [rangeWithin(uids ?? ""), rangeWithin(gids ?? "")];
  // One range serves for both; where they differ, the ids are not ours to arrange.
  return byUid && byUid.base === byGid?.base && byUid.count === byGid.count ? byUid : undefined;
}
