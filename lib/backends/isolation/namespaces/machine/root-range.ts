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
  const extents = extentsOf(text);
  const holds = ({ first, length }: { first: number; length: number }) =>
    first <= BASE && first + length >= BASE + COUNT;
  if (extents.some(holds)) return { kind: "range", base: BASE, count: COUNT };
  const [largest] = extents.sort((a, b) => b.length - a.length);
  const count = Math.min(COUNT, Math.floor((largest?.length ?? 0) / 2));
  if (!largest || count < LEAST_COUNT) return undefined;
  return { kind: "range", base: largest.first + largest.length - count, count };
}

/**
 * What the root may give away that stands for an ordinary user: in the user namespace that newuidmap(1) made for
 * his engine there are no accounts, so all ids besides root's.
 */
export function rangeBeside(text: string): Extract<IdMap, { kind: "range" }> | undefined {
  const [own, others, ...more] = extentsOf(text);
  if (more.length > 0 || own?.first !== 0 || own.length !== 1) return undefined;
  if (others?.first !== 1 || others.length < LEAST_COUNT) return undefined;
  return { kind: "range", base: 1, count: Math.min(COUNT, others.length) };
}

/** What root may give away here; undefined when it has too few ids. */
export async function rootRange({ isOuterRoot = false } = {}): Promise<
  Extract<IdMap, { kind: "range" }> | undefined
> {
  const [uids, gids] = await Promise.all(
    ["uid_map", "gid_map"].map((name) => readFile(`/proc/self/${name}`, "utf8")),
  );
  const range = isOuterRoot ? rangeBeside : rangeWithin;
  const [byUid, byGid] = [range(uids ?? ""), range(gids ?? "")];
  // One range serves for both; where they differ, the ids are not ours to arrange.
  return byUid && byUid.base === byGid?.base && byUid.count === byGid.count ? byUid : undefined;
}

function extentsOf(text: string): { first: number; length: number }[] {
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/gm)].map(([, inside, , length]) => ({
    first: Number(inside),
    length: Number(length),
  }));
}
