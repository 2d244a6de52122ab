import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Exchange } from "../exchange.ts";
import { removeTree, settleTree } from "../file-tree.ts";
import { ownIds } from "../own-tree.ts";
import { type StateFolders, writeRecord } from "../state-folders.ts";
import { findDrive, takeDrive } from "../taken-drives.ts";
import { restore } from "./make-root.ts";

/** What `process` isolation gives to others and takes from them. */
export function processExchange(folders: StateFolders): Exchange {
  return {
    exportSnapshot: (snapshotId, target, { signal }) =>
      restore(folders, snapshotId, { files: target, signal }),
    async importSnapshot(snapshotId, fill) {
      const making = folders.temporary();
      try {
        await mkdir(making, { mode: 0o700 });
        const files = join(making, "files");
        await fill(files);
        await writeRecord(join(making, "snapshot.json"), await settleTree(files));
        await folders.placeSnapshot(making, snapshotId);
      } catch (error) {
        await removeTree(making);
        throw error;
      }
    },
    findDrive: (driveId) => findDrive(folders, driveId),
    takeDrive: (driveId, from) => takeDrive(folders, { driveId, from, owner: ownIds() }),
  };
}
