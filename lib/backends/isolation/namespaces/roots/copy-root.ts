import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { copyTree } from "../../copy-tree.ts";
import { removeTree } from "../../file-tree.ts";
import type { StateFolders } from "../../state-folders.ts";
import type { Layers } from "./layers.ts";
import { measureDisk } from "./measure-disk.ts";
import { asTreeRoot } from "./merge-layers.ts";

/** Makes a snapshot of a root in which nothing runs now, and leaves the root as it is. All or nothing. */
export async function copyRoot(
  snapshotId: string,
  { folders, folder, layers }: { folders: StateFolders; folder: string; layers: Layers },
): Promise<{ sizeBytes: number }> {
  const making = folders.temporary();
  try {
    await mkdir(making);
    // The root of a session that stands on it has to get through.
    await chmod(making, 0o711);
    const upper = join(making, "upper");
    await copyTree(join(folders.root(folder), "upper"), upper, { through: asTreeRoot() });
    const ownBytes = await measureDisk(upper);
    await layers.addCopy(snapshotId, { folder, directory: making, ownBytes });
    return { sizeBytes: layers.sizeOf(snapshotId) ?? ownBytes };
  } catch (error) {
    await removeTree(making);
    throw error;
  }
}
