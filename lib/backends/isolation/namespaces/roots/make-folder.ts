import { chmod, chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PrepareRequest } from "../../../../engine/ports.ts";
import { copyTree } from "../../copy-tree.ts";
import type { StateFolders } from "../../state-folders.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";

/** Overlays of a session: what lies outside of `/usr`, and `/usr`. */
const OVERLAYS = ["root", "usr"];

/**
 * Makes a root's folder without a session: what it will write, and copies of the
 * drives of which only the state now is wanted, by the index of their mount.
 */
export async function makeFolder(
  making: string,
  { folders, ids, mounts }: { folders: StateFolders; ids: IdMap; mounts: PrepareRequest["mounts"] },
): Promise<void> {
  await mkdir(making);
  for (const kind of ["upper", "work"]) {
    await mkdir(join(making, kind));
    for (const name of OVERLAYS) {
      const directory = join(making, kind, name);
      await mkdir(directory);
      // The topmost layer's is the mode that the merged directory shows.
      await chmod(directory, 0o755);
      await chown(directory, hostUid(ids, 0), hostGid(ids, 0));
    }
    await chmod(join(making, kind), 0o711);
  }
  await mkdir(join(making, "waiting"), { mode: 0o700 });
  await mkdir(join(making, "drives"));
  await chmod(join(making, "drives"), 0o711);
  for (const [index, { driveId, mode }] of mounts.entries()) {
    if (mode !== "snapshot") continue;
    await copyTree(folders.drive(driveId), join(making, "drives", String(index)));
  }
  // The session's own root has to get through, by a path that only it is led to.
  await chmod(making, 0o711);
}
