import { lstat, mkdir, rename, symlink, unlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { SandboxError } from "../../../contract/errors.ts";
import type { PrepareRequest } from "../../../engine/ports.ts";
import { ConfinedDirectories } from "../confined-directories.ts";
import { resolveConfined } from "../confined-path.ts";
import { copyTree } from "../copy-tree.ts";
import { removeTree } from "../file-tree.ts";
import { systemCode } from "../process-faults.ts";
import type { StateFolders } from "../state-folders.ts";
import type { RootRecord } from "./folder-records.ts";
import { isAtOrBelow, PathMap } from "./path-map.ts";

type Mounted = RootRecord["mounts"];

/** A root's folder in the making, or on its way to become a snapshot. */
export interface MountTarget {
  folders: StateFolders;
  /** The root's folder; the files are in `files` inside. */
  root: string;
}

/**
 * Lays drives into a root: a link to the drive's directory to share it, a copy
 * for a drive as it is now. What was there before is kept aside.
 */
export async function mountDrives(
  { folders, root }: MountTarget,
  mounts: PrepareRequest["mounts"],
): Promise<Mounted> {
  const mounted: Mounted = [];
  // The outer one first, so that a drive can be laid into another's copy.
  for (const mount of mounts.toSorted((one, other) => one.path.length - other.path.length)) {
    const map = new PathMap({ hostRoot: join(root, "files"), argumentRoots: [] });
    await using directories = new ConfinedDirectories(map);
    const asked = map.toSandbox(mount.path);
    if (mounted.some((outer) => outer.mode === "read-write" && isAtOrBelow(asked, outer.path))) {
      throw new SandboxError(
        "invalid_request",
        `A drive cannot be mounted at "${mount.path}": another drive holds that directory.`,
      );
    }
    await directories.at(posix.dirname(asked), { make: true });
    const parent = await resolveConfined(map, posix.dirname(asked));
    const path = posix.join(parent.path, posix.basename(asked));
    const hides = await setAside(map.toHost(path), join(root, "hidden", String(mounted.length)));
    await layDrive(folders.drive(mount.driveId), map.toHost(path), mount.mode);
    mounted.push({ path, driveId: mount.driveId, mode: mount.mode, hides });
  }
  return mounted;
}

/** Takes the drives out again, leaving what was there before them. May be repeated after a crash. */
export async function unmountDrives({ root }: MountTarget, mounted: Mounted): Promise<void> {
  for (const [index, { path, mode, hides }] of [...mounted.entries()].toReversed()) {
    const place = join(root, "files", path);
    const there = await lstat(place).catch(() => undefined); // A command may have deleted it.
    if (there?.isSymbolicLink()) await unlink(place);
    else if (there && mode === "snapshot") await removeTree(place);
    else if (there) continue; // Something else that a command put there in the link's place.
    const aside = join(root, "hidden", String(index));
    if (hides && (await lstat(aside).catch(() => undefined))) await rename(aside, place);
    else await mkdir(place, { recursive: true });
  }
  await removeTree(join(root, "hidden"));
}

async function layDrive(drive: string, place: string, mode: "read-write" | "snapshot") {
  if (mode === "read-write") await symlink(drive, place, "dir");
  else await copyTree(drive, place);
}

async function setAside(place: string, aside: string): Promise<boolean> {
  await mkdir(dirname(aside), { recursive: true });
  try {
    await rename(place, aside);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
