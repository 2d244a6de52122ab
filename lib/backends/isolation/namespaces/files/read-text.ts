import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { systemCode } from "../../process-faults.ts";
import type { SessionTree } from "./session-tree.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Enough for any table of users. */
const LIMIT_BYTES = 1024 * 1024;

/** The text of a system's small file of a session's; empty when there is none, or something else has its name. */
export function readText(tree: SessionTree, path: string): string {
  let file: number | undefined;
  try {
    using walk = tree.walkUnguarded(path);
    const { name } = walk.toEntry();
    file = openSync(`${walk.directory}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > LIMIT_BYTES) return "";
    // No more than that, however it grows meanwhile; and nothing of a file of the kernel's, which has no size.
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } catch (error) {
    // Whatever its root has made of it.
    if (systemCode(error) === undefined && !(error instanceof Error)) throw error;
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
