import { constants, copyFile, mkdir, mkdtemp, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteSize } from "../quantities.ts";
import type { Check } from "./check.ts";

const LITTLE_BYTES = 1_000_000_000;

/** The folder that holds all state: whether it can be written, who may read it, what its disk can do. */
export async function stateChecks(home: string): Promise<Check[]> {
  const access = await accessCheck(home);
  if (access.level === "fail") return [access];
  return [access, await spaceCheck(home), await cloneCheck(home)];
}

async function accessCheck(home: string): Promise<Check> {
  const name = "state folder";
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const probe = await mkdtemp(join(home, "doctor-"));
    await rm(probe, { recursive: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return {
      name,
      level: "fail",
      detail: `${home} cannot be written (${code})`,
      advice: "Make it writable, or name another folder in SANDLOT_HOME.",
    };
  }
  const { mode } = await stat(home);
  // Windows has no such bits; there the user's profile is private by itself.
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    return {
      name,
      level: "warn",
      detail: `${home} is open to other users (mode ${(mode & 0o777).toString(8)})`,
      advice: `chmod 700 '${home}'`,
    };
  }
  return { name, level: "ok", detail: home };
}

async function spaceCheck(home: string): Promise<Check> {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  const detail = `${byteSize(free)} free`;
  return free < LITTLE_BYTES
    ? { name: "disk", level: "warn", detail, advice: "sandlot prune, or another SANDLOT_HOME." }
    : { name: "disk", level: "ok", detail };
}

/** Whether a copy of a file can share its blocks: then snapshots cost next to nothing. */
async function cloneCheck(home: string): Promise<Check> {
  const name = "file cloning";
  const directory = await mkdtemp(join(home, "doctor-"));
  try {
    await writeFile(join(directory, "a"), "a");
    await copyFile(join(directory, "a"), join(directory, "b"), constants.COPYFILE_FICLONE_FORCE);
    return { name, level: "ok", detail: "snapshots and forks share blocks with their origin" };
  } catch {
    // The file system says no in many ways (ENOTSUP, EXDEV, EINVAL, ENOSYS); all mean the same.
    return {
      name,
      level: "info",
      detail: "not offered by this file system: snapshots and forks copy their files",
      advice: "A SANDLOT_HOME on btrfs, XFS or APFS makes them faster and smaller.",
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}
