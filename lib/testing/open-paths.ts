import { readdirSync, readlinkSync } from "node:fs";

/** The paths of all that this process has open now. Linux only. */
export function openPaths(): string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return []; // That of the directory that was just read.
    }
  });
}
