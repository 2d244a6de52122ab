import type { Stats } from "node:fs";
import type { FileEvent } from "../../contract/file.ts";

/** What the system tells of a name: that it came, went or stands for another thing; or that the thing changed. */
export type Notice = "rename" | "change";

/** What was last seen under a name. */
export interface Seen {
  dev: number;
  ino: number;
  bornAt: number;
  modifiedAt: number;
  changedAt: number;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  isDirectory: boolean;
}

export type ChangeType = Exclude<FileEvent["type"], "ready" | "dropped">;

export function seen(stats: Stats): Seen {
  return {
    dev: stats.dev,
    ino: stats.ino,
    bornAt: stats.birthtimeMs,
    modifiedAt: stats.mtimeMs,
    changedAt: stats.ctimeMs,
    size: stats.size,
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    isDirectory: stats.isDirectory(),
  };
}

/** Whether it is the same thing, perhaps under another name. */
export function isSame(one: Seen, other: Seen): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.bornAt === other.bornAt;
}

/** The same for two that are the same. A number is given again to what is made later. */
export function identityOf({ dev, ino, bornAt }: Seen): string {
  return `${dev} ${ino} ${bornAt}`;
}

export interface NameChange {
  before: Seen | undefined;
  after: Seen | undefined;
  /** What was told of the name between the two, in order. */
  notices: readonly Notice[];
  /** Whether what was there before has another name now. */
  isElsewhere: boolean;
}

/**
 * What happened to a name, from what was there before and is there now. The system's notices say when, not what: those
 * of a name that comes and goes take turns.
 */
export function changesOf({ before, after, notices, isElsewhere }: NameChange): ChangeType[] {
  const turns = notices.filter((notice) => notice === "rename").length;
  const changes: ChangeType[] = [];
  const gone = isElsewhere ? "rename" : "remove";
  // It came when its directory was first looked at, and was seen then.
  if (turns === 1 && before && after && isSame(before, after))
    return alterations(before, after, notices);
  let isThere = before !== undefined;
  // A name that is taken by another thing is told of once.
  const isReplaced = turns > 0 && (turns + Number(isThere)) % 2 !== Number(after !== undefined);
  for (let turn = 0; turn < turns; turn++) {
    const isLast = turn === turns - 1;
    if (isReplaced && isLast) {
      if (after) changes.push("create");
    } else {
      changes.push(isThere ? gone : "create");
      isThere = !isThere;
    }
  }
  if (turns === 0 && before && after) return alterations(before, after, notices);
  if (after && !after.isDirectory && notices.lastIndexOf("change") > notices.indexOf("rename")) {
    changes.push("write");
  }
  return changes;
}

function alterations(before: Seen, after: Seen, notices: readonly Notice[]): ChangeType[] {
  if (!notices.includes("change")) return [];
  const isShifted =
    before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid;
  if (after.isDirectory) return isShifted ? ["chmod"] : [];
  const isWritten = before.modifiedAt !== after.modifiedAt || before.size !== after.size;
  if (isWritten) return isShifted ? ["write", "chmod"] : ["write"];
  if (isShifted) return ["chmod"];
  // Its clock did not move between two writes, unless only what it bears was changed.
  return before.changedAt === after.changedAt ? ["write"] : [];
}
