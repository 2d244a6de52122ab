import { statfs } from "node:fs/promises";

/** What may still be written to the disk that a directory is on. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
