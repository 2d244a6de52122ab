import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import type { SessionGuard } from "./session-tree.ts";

const READ = 4;
const WRITE = 2;
const SEARCH = 1;
const STICKY = 0o1000;

export interface UserGuardOptions {
  ids: Extract<IdMap, { kind: "range" }>;
  uid: number;
  gid: number;
  /** Ids of the sandbox's of the user's further groups, as they are now. */
  groups: () => readonly number[];
}

/**
 * The rights of one user of a sandbox's, for an engine that has all rights on its
 * files: by owner, group and mode, as the system itself would decide.
 */
export function userGuard({ ids, uid, gid, groups }: UserGuardOptions): SessionGuard {
  const own = { uid: hostUid(ids, uid), gid: hostGid(ids, gid) };
  // What belongs to root's group is not looked up: a user is never put there.
  const isInGroup = (hostGroup: number) =>
    hostGroup === own.gid ||
    (hostGroup !== hostGid(ids, 0) && groups().some((group) => hostGid(ids, group) === hostGroup));
  const may = (stats: Stats, right: number) => {
    if (stats.uid === own.uid) return ((stats.mode >> 6) & right) === right;
    if (isInGroup(stats.gid)) return ((stats.mode >> 3) & right) === right;
    return (stats.mode & right) === right;
  };
  return {
    maySearch: (stats) => may(stats, SEARCH),
    mayWrite: (stats) => may(stats, WRITE),
    mustRead(stats) {
      if (!may(stats, READ)) throw denied();
    },
    async mustDelete(directory, name) {
      const stats = await stat(`${directory}/.`);
      if (!may(stats, WRITE | SEARCH)) throw denied();
      if ((stats.mode & STICKY) === 0 || stats.uid === own.uid) return;
      if ((await lstat(name)).uid !== own.uid) throw denied();
    },
  };
}

function denied(): Error {
  return Object.assign(new Error("permission denied"), { code: "EACCES" });
}

/** Reads the ids of the groups that a user is listed in, from the text of a group(5) file. */
export function groupsOf(user: string, text: string): number[] {
  return text.split("\n").flatMap((line) => {
    const [, , id, members] = line.split(":");
    return id && members?.split(",").includes(user) ? [Number(id)] : [];
  });
}
