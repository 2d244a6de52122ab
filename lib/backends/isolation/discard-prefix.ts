import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Gives back the disk blocks of a file's first bytes; the rest stays where it is
 * and the file's length what it was. False where the system or the file system cannot.
 */
export async function discardPrefix(file: string, bytes: number): Promise<boolean> {
  if (process.platform !== "linux" || bytes <= 0) return false;
  const range = ["--punch-hole", "--keep-size", "--offset", "0", "--length", String(bytes)];
  try {
    await run("fallocate", [...range, file]);
    return true;
  } catch {
    // No fallocate(1), as on busybox, or a file system without holes.
    return false;
  }
}
