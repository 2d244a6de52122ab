import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Offer } from "./machine.ts";
import type { IdMap } from "./id-map.ts";

/** With root itself all ids that system accounts and `nobody` have. */
const SUBID_COUNT = 65_535;

/**
 * The first range in the text of subuid(5) or subgid(5) that is the user's and large enough.
 * What is no such line is passed over, as the system's own tools do.
 */
export function findSubordinateIds(
  text: string,
  owners: readonly string[],
  count: number,
): number | undefined {
  for (const line of text.split("\n")) {
    const [owner = "", first = "", length = "", ...rest] = line.split(":");
    if (rest.length > 0 || !owners.includes(owner.trim())) continue;
    if (!/^\d{1,10}$/.test(first) || !/^\d{1,10}$/.test(length.trim())) continue;
    if (Number(length) >= count) return Number(first);
  }
  return undefined;
}

/** What the administrator gave an ordinary user, by the files alone: whether it works must be tried. */
export async function subordinateIds(user: {
  uid: number;
  gid: number;
}): Promise<Offer<{ map: Extract<IdMap, { kind: "subid" }> }>> {
  const owners = [...nameOf(), String(user.uid)];
  const texts = await Promise.all(
    ["/etc/subuid", "/etc/subgid"].map((file) => readFile(file, "utf8").catch(() => "")), // Absent: nobody was given any.
  );
  const [subuid, subgid] = texts.map((text) => findSubordinateIds(text, owners, SUBID_COUNT));
  if (subuid !== undefined && subgid !== undefined) {
    return { offered: true, map: { kind: "subid", ...user, subuid, subgid, count: SUBID_COUNT } };
  }
  const [name = String(user.uid)] = owners;
  const first = firstUnclaimed(texts.join("\n"));
  const range = `${first}-${first + SUBID_COUNT}`;
  return {
    offered: false,
    reason: `${subuid === undefined ? "/etc/subuid" : "/etc/subgid"} gives this user no range of ids.`,
    advice: `sudo usermod --add-subuids ${range} --add-subgids ${range} ${name}`,
  };
}

/** Above every range that somebody has: two who share ids are not apart. */
export function firstUnclaimed(text: string): number {
  const ends = [...text.matchAll(/^[^:\n]+:(\d{1,10}):(\d{1,10})\s*$/gm)].map(
    ([, first, length]) => Number(first) + Number(length),
  );
  return Math.max(100_000, ...ends);
}

function nameOf(): string[] {
  try {
    return [userInfo().username];
  } catch {
    // A user without a line in passwd(5), as containers have them.
    return [];
  }
}
