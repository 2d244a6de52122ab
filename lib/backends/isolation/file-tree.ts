import { execFile } from "node:child_process";
import type { Dirent, Stats } from "node:fs";
import { chmod, lstat, readdir, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "./process-faults.ts";

const run = promisify(execFile);

/** What a tree holds, and what of it its owner cannot read. */
export interface TreeReport {
  /** The lengths of all regular files together. */
  sizeBytes: number;
  /** Entries that were opened to their owner so that they can be copied, with the modes that they had. */
  opened: { path: string; mode: number }[];
}

const LANES = 8;
/** The unit of `stat`, whatever the file system's own is. */
const BLOCK_BYTES = 512;

/**
 * Readies a tree for being copied: counts its bytes, deletes what is no file,
 * directory or link (a socket or a FIFO is nothing without its process), and
 * opens to the owner what the owner shut.
 */
export async function settleTree(directory: string): Promise<TreeReport> {
  const report: TreeReport = { sizeBytes: 0, opened: [] };
  const pending = [""];
  const visitNext = async () => {
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      const own = await openDirectory(directory, path, report);
      for (const entry of own) {
        const child = join(path, entry.name);
        if (entry.isDirectory()) pending.push(child);
        else await settleEntry(directory, child, { entry, report });
      }
    }
  };
  while (pending.length > 0) await Promise.all(Array.from({ length: LANES }, visitNext));
  return report;
}

/** The blocks that a tree's files take on disk, while others may be changing them. Links are not followed. */
export async function measureTree(directory: string): Promise<number> {
  let bytes = 0;
  const pending = [directory];
  const visitNext = async () => {
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      // What is deleted meanwhile takes nothing; what cannot be looked into is left out.
      const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const child = join(path, entry.name);
        if (entry.isDirectory()) pending.push(child);
        const stats = await lstat(child).catch(() => undefined);
        bytes += (stats?.blocks ?? 0) * BLOCK_BYTES;
      }
    }
  };
  while (pending.length > 0) await Promise.all(Array.from({ length: LANES }, visitNext));
  return bytes;
}

async function openDirectory(root: string, path: string, report: TreeReport): Promise<Dirent[]> {
  const full = join(root, path);
  const { mode } = await lstat(full);
  if ((mode & 0o700) !== 0o700) {
    report.opened.push({ path, mode: mode & 0o7777 });
    await chmod(full, (mode & 0o7777) | 0o700);
  }
  return readdir(full, { withFileTypes: true });
}

async function settleEntry(
  root: string,
  path: string,
  { entry, report }: { entry: Dirent; report: TreeReport },
): Promise<void> {
  const full = join(root, path);
  if (entry.isSymbolicLink()) return;
  if (!entry.isFile()) {
    await unlink(full);
    return;
  }
  const { mode, size }: Stats = await lstat(full);
  report.sizeBytes += size;
  if ((mode & 0o400) === 0) {
    report.opened.push({ path, mode: mode & 0o7777 });
    await chmod(full, (mode & 0o7777) | 0o400);
  }
}

/** Gives what was opened its own modes again, the innermost first. */
export async function shutAgain(directory: string, opened: TreeReport["opened"]): Promise<void> {
  const innermostFirst = opened.toSorted((one, other) => other.path.length - one.path.length);
  for (const { path, mode } of innermostFirst) await chmod(join(directory, path), mode);
}

/** Deletes a tree, also one whose directories are shut, or lie deeper than a path can tell. No error when there is none. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await removeByPaths(directory);
  } catch (error) {
    if (systemCode(error) !== "ENAMETOOLONG") throw error;
    await removeDeep(directory);
  }
}

async function removeByPaths(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!["EACCES", "EPERM", "ENOTEMPTY"].includes(systemCode(error) ?? "")) throw error;
    await openDirectories(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** By programs that go from directory to directory, which Node cannot. */
async function removeDeep(directory: string): Promise<void> {
  const shut = ["-type", "d", "!", "-perm", "-700", "-execdir", "chmod", "u+rwx", "{}", ";"];
  const options = { env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } };
  // Only directories: a file may have other names in layers that are in use.
  await run("find", [directory, ...shut], options).catch(() => undefined); // What matters is told by the other.
  await run("rm", ["-rf", directory], options);
}

async function openDirectories(directory: string): Promise<void> {
  try {
    await chmod(directory, 0o700);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await openDirectories(join(directory, entry.name));
    }
  } catch (error) {
    // `rm` goes on with the rest of the tree for a while after it has failed.
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
