import { access, rename } from "node:fs/promises";
import { SandboxError } from "../../contract/errors.ts";
import { copyTree } from "./copy-tree.ts";
import { removeTree } from "./file-tree.ts";
import { ownTree } from "./own-tree.ts";
import { systemCode } from "./process-faults.ts";
import type { StateFolders } from "./state-folders.ts";

/** A drive's directory, also while it is on its way from another backend; undefined when there is none. */
export async function findDrive(
  folders: StateFolders,
  driveId: string,
): Promise<string | undefined> {
  for (const path of [folders.drive(driveId), folders.arriving(driveId)]) {
    if (await exists(path)) return path;
  }
  return undefined;
}

/**
 * Moves a drive here and gives its files to the owner. While its owners are changed it is neither here nor
 * there, so that whoever comes after a crash knows that they still are to be changed. One that is here stays.
 */
export async function takeDrive(
  folders: StateFolders,
  { driveId, from, owner }: { driveId: string; from: string; owner: { uid: number; gid: number } },
): Promise<void> {
  if (from === folders.drive(driveId)) return;
  const arriving = folders.arriving(driveId);
  if (from !== arriving) await rename(from, arriving);
  await ownTree([arriving], owner);
  await rename(arriving, folders.drive(driveId));
}

/** Makes a drive of a copy of another. All or nothing. */
export async function copyDrive(
  folders: StateFolders,
  { sourceId, targetId }: { sourceId: string; targetId: string },
): Promise<void> {
  const making = folders.temporary();
  try {
    await copyTree(folders.drive(sourceId), making);
    await folders.placeDrive(making, targetId);
  } catch (error) {
    await removeTree(making);
    throw error;
  }
}

/** Deletes a drive, wherever it is on its way. */
export async function discardDrive(folders: StateFolders, driveId: string): Promise<void> {
  await folders.discard(folders.drive(driveId));
  await folders.discard(folders.arriving(driveId));
}

/** Deletes every drive that is not known. */
export async function sweepDrives(folders: StateFolders, known: readonly string[]): Promise<void> {
  const all = [...(await folders.list("drives")), ...(await folders.list("arriving"))];
  for (const id of all.filter((one) => !known.includes(one))) await discardDrive(folders, id);
}

export function driveGone(driveId: string): SandboxError {
  return new SandboxError(
    "drive_not_found",
    `The files of drive ${driveId} are not there any more.`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
