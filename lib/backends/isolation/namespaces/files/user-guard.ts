import type { Stats } from "node:fs";
import type { FileGuard } from "../../file-tree-port.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";

const READ = 4;
const WRITE = 2;
const SEARCH = 1;
const STICKY = 0o1000;

type RangeMap = Extract<IdMap, { kind: "range" }>;

export interface UserGuardOptions {
  ids: RangeMap;
  uid: number;
  gid: number;
  /** Ids of the sandbox's of the user's further groups, as they are now. */
  groups: () => readonly number[];
}

/**
 * The rights of one user of a sandbox's, for an engine that has all rights on its
 * files: by owner, group and mode, as the system itself would decide.
 */
export function userGuard({ ids, uid, gid, groups }: UserGuardOptions): FileGuard {
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
    ...guardBy(may, (stats) => stats.uid === own.uid),
    mustGive(stats, given) {
      const keepsOwner = given.uid === undefined || given.uid === stats.uid;
      const ownsIt = stats.uid === own.uid;
      const isOwnGroup = given.gid === undefined || isInGroup(given.gid);
      if (!keepsOwner || !ownsIt || !isOwnGroup) throw notPermitted();
    },
  };
}

/**
 * The rights of a sandbox's root: all on what belongs to users of the sandbox's, and everybody's on the rest. What
 * is the host's (a device, a file of its system) must not change by the rights of an engine that is root.
 */
export function rootGuard(ids: RangeMap): FileGuard {
  const isOwn = ({ uid, gid }: Stats) => isMapped(ids, uid) && isMapped(ids, gid);
  const may = (stats: Stats, right: number) => isOwn(stats) || (stats.mode & right) === right;
  return {
    ...guardBy(may, isOwn),
    mustGive(stats, given) {
      const toMapped = [given.uid, given.gid].every((id) => id === undefined || isMapped(ids, id));
      if (!isOwn(stats) || !toMapped) throw notPermitted();
    },
  };
}

/** Whether the host's id is one of the sandbox's. */
export function isMapped({ base, count }: RangeMap, id: number): boolean {
  return id >= base && id < base + count;
}

function guardBy(
  may: (stats: Stats, right: number) => boolean,
  owns: (stats: Stats) => boolean,
): Omit<FileGuard, "mustGive"> {
  const mustAdd = (directory: Stats) => {
    if (!may(directory, WRITE | SEARCH)) throw denied();
  };
  return {
    maySearch: (stats) => may(stats, SEARCH),
    mayWrite: (stats) => may(stats, WRITE),
    mustSearch(stats) {
      if (!may(stats, SEARCH)) throw denied();
    },
    mustRead(stats) {
      if (!may(stats, READ)) throw denied();
    },
    mustAdd,
    mustDelete(directory, entry) {
      mustAdd(directory);
      if ((directory.mode & STICKY) === 0 || owns(directory)) return;
      if (!owns(entry())) throw notPermitted();
    },
    mustOwn(stats) {
      if (!owns(stats)) throw notPermitted();
    },
  };
}

function denied(): Error {
  return Object.assign(new Error("permission denied"), { code: "EACCES" });
}

function notPermitted(): Error {
  return Object.assign(new Error("operation not permitted"), { code: "EPERM" });
}

/**
 * Reads the ids of the groups that a user is listed in, from the text of a group(5) file. The sandbox's root may have
 * written it: what is none of the sandbox's ids is left out, as it would stand for a group of the host's.
 */
export function groupsOf(user: string, text: string, ids: RangeMap): number[] {
  const groups = text.split("\n").flatMap((line) => {
    const [, , id = "", members] = line.split(":");
    const isId = /^\d{1,10}$/.test(id) && isMapped(ids, ids.base + Number(id));
    return isId && members?.split(",").includes(user) ? [Number(id)] : [];
  });
  return [...new Set(groups)];
}
