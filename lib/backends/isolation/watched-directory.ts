import { lstatSync, readdirSync } from "node:fs";
import { identityOf, isSame, type Seen, seen } from "./name-changes.ts";
import { systemCode } from "./process-faults.ts";

/** A directory that is watched, and what was last seen in it. */
export interface Watched {
  /** Relative to the top, "" for it. */
  relative: string;
  /** A host path for a name to be appended, whatever becomes of the directory's own. */
  path: string;
  /** By the name's bytes, as characters. */
  names: Map<string, Seen>;
  close(): void;
}

/** What became of a name. */
export interface Change {
  directory: Watched;
  name: string;
  before: Seen | undefined;
  after: Seen | undefined;
}

/** Directories that have another name in the tree now: from where to where. */
export function movesIn(changes: readonly Change[]): Map<string, string> {
  const moves = new Map<string, string>();
  const gone = new Map<string, Change>();
  for (const change of changes) {
    const { before, after } = change;
    const isGone = before?.isDirectory && !(after && isSame(before, after));
    if (isGone) gone.set(identityOf(before), change);
  }
  for (const { directory, name, before, after } of changes) {
    if (!after?.isDirectory || (before && isSame(before, after))) continue;
    const from = gone.get(identityOf(after));
    if (from) moves.set(pathIn(from.directory, from.name), pathIn(directory, name));
  }
  return moves;
}

/** Of a name in it, relative to the top. */
export function pathIn({ relative }: Watched, name: string): string {
  return relative === "" ? name : `${relative}/${name}`;
}

/** Of a name in it. */
export function hostPath(directory: Watched, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory.path}/`), Buffer.from(name, "latin1")]);
}

/** As text, relative to the top. */
export function nameOf(directory: Watched, name: string): string {
  return Buffer.from(pathIn(directory, name), "latin1").toString();
}

/** All names in it, as their bytes. */
export function namesIn(directory: Watched): string[] {
  try {
    const names = readdirSync(`${directory.path}/.`, { encoding: "buffer" });
    return names.map((name) => name.toString("latin1"));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return []; // It is gone.
  }
}

/** What has the name now, if anything. */
export function look(directory: Watched, name: string): Seen | undefined {
  try {
    return seen(lstatSync(hostPath(directory, name)));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
