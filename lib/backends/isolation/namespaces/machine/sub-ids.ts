import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { IdMap } from "./id-map.ts";
import type { Machine, Offer } from "./machine.ts";
import { PROGRAM_PATH, runProgram } from "./run-program.ts";

/** Ids of his own and others, as the administrator gave them to an ordinary user. */
export type SubordinateMap = Extract<IdMap, { kind: "subid" }>;

/** What writes the maps of ordinary users: setuid programs, which some systems keep in places of their own. */
const MAPPERS = ["newuidmap", "newgidmap"];

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

/** What the administrator gave an ordinary user, by what is written alone: whether it works must be tried. */
export async function subordinateIds(
  user: Machine["user"],
  { searchPath = PROGRAM_PATH }: { searchPath?: string | undefined } = {},
): Promise<Offer<{ map: SubordinateMap }>> {
  // Looked for before anything is tried: without them, every inspection would take half as long again.
  const missing = MAPPERS.filter((name) => !isProgram(name, searchPath));
  if (missing.length > 0) {
    return {
      offered: false,
      reason: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed.`,
      advice: "sudo apt-get install -y uidmap   # or your system's way",
    };
  }
  const owners = [...nameOf(), String(user.uid)];
  const [name = String(user.uid)] = owners;
  const texts = await Promise.all(
    [
      { file: "/etc/subuid", options: [] },
      { file: "/etc/subgid", options: ["-g"] },
    ].map(async ({ file, options }) => {
      const told = await runProgram(["getsubids", ...options, name], { env: { PATH: searchPath } });
      if (told.ok) return fileOf(told.stdout);
      return readFile(file, "utf8").catch(() => ""); // Absent: nobody was given any.
    }),
  );
  const [subuid, subgid] = texts.map((text) => findSubordinateIds(text, owners, SUBID_COUNT));
  if (subuid !== undefined && subgid !== undefined) {
    return { offered: true, map: { kind: "subid", ...user, subuid, subgid, count: SUBID_COUNT } };
  }
  const first = firstUnclaimed(texts.join("\n"));
  const range = `${first}-${first + SUBID_COUNT}`;
  return {
    offered: false,
    reason: `${subuid === undefined ? "/etc/subuid" : "/etc/subgid"} gives this user no range of ids.`,
    advice: `sudo usermod --add-subuids ${range} --add-subgids ${range} ${name}`,
  };
}

/**
 * What getsubids(1) says, as subuid(5) would have it: `0: name 100000 65536`. It knows ranges that are handed
 * out by a directory service, too.
 */
export function fileOf(told: string): string {
  return told.replaceAll(/^\d+:[ ]*(\S+)[ ]+(\d+)[ ]+(\d+)[ ]*$/gm, "$1:$2:$3");
}

function isProgram(name: string, searchPath: string): boolean {
  return searchPath.split(":").some((directory) => directory && existsSync(join(directory, name)));
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
