import { lchown, mkdir } from "node:fs/promises";
import type { DriveTree } from "../../../../engine/root-files.ts";
import type { StateFolders } from "../../state-folders.ts";
import { driveGone } from "../../taken-drives.ts";
import { defaultOwner } from "../default-user.ts";
import { HeldRoot } from "../files/held-root.ts";
import { driveFiles, type SessionFilesOptions } from "../files/session-files.ts";
import type { IdMap } from "../machine/id-map.ts";

/** Makes a drive's directory, the default user's, if it is not there yet. */
export async function ensureDrive(
  folders: StateFolders,
  driveId: string,
  ids: IdMap,
): Promise<void> {
  const directory = folders.drive(driveId);
  const made = await mkdir(directory, { recursive: true });
  if (made === undefined) return;
  const { uid, gid } = defaultOwner(ids);
  await lchown(directory, uid, gid);
}

/** A drive's own tree, held until it is disposed of. */
export function openDrive(
  folders: StateFolders,
  driveId: string,
  shared: Omit<SessionFilesOptions, "root">,
): DriveTree & Disposable {
  const root = new HeldRoot({ path: folders.drive(driveId), gone: () => driveGone(driveId) });
  const files = driveFiles({ ...shared, root });
  return Object.assign(files, { [Symbol.dispose]: () => root[Symbol.dispose]() });
}
