import { execFile } from "node:child_process";
import type { Dirent } from "node:fs";
import { chmod, chown, lstat, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SandboxError } from "../../../../contract/errors.ts";
import type { Exchange, OwnPlaces } from "../../exchange.ts";
import { removeTree } from "../../file-tree.ts";
import { ownIds, ownTree } from "../../own-tree.ts";
import { systemCode } from "../../process-faults.ts";
import type { StateFolders } from "../../state-folders.ts";
import { findDrive, takeDrive } from "../../taken-drives.ts";
import { defaultOwner } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import type { Layers } from "./layers.ts";
import { measureDisk } from "./measure-disk.ts";
import { asTreeRoot, mergeLayers } from "./merge-layers.ts";
import { SYSTEM_DIRECTORIES } from "./system-directories.ts";

const run = promisify(execFile);

/** What a session has its own of, each time. */
const VIRTUAL = new Set(["dev", "proc", "sys", "run"]);

export interface ExchangeOptions {
  folders: StateFolders;
  layers: Layers;
  ids: IdMap;
}

/** What `namespaces` isolation gives to others and takes from them. */
export function namespacesExchange({ folders, layers, ids }: ExchangeOptions): Exchange {
  return {
    async exportSnapshot(snapshotId, target, { signal }) {
      const making = folders.temporary();
      try {
        const stack = await layers.holdStackOf(snapshotId, making);
        await mkdir(making, { mode: 0o700 });
        const merged = join(making, "merged");
        const directories = stack.map((id) => join(folders.snapshot(id), "upper"));
        await mergeLayers(directories, { target: merged, signal });
        await copyOwnFiles(join(merged, "root"), target, signal);
        await ownTree([target], ownIds());
      } finally {
        await layers.release(making);
        await removeTree(making);
      }
    },
    async importSnapshot(snapshotId, fill, places) {
      const making = folders.temporary();
      try {
        await mkdir(making);
        await chmod(making, 0o711);
        const upper = join(making, "upper");
        await mkdir(upper);
        await chmod(upper, 0o711);
        await fill(join(upper, "root"));
        await arrange(upper, { ids, places });
        await layers.place(snapshotId, { directory: making, ownBytes: await measureDisk(upper) });
      } catch (error) {
        await removeTree(making);
        throw error;
      }
    },
    findDrive: (driveId) => findDrive(folders, driveId),
    takeDrive: (driveId, from) => takeDrive(folders, { driveId, from, owner: defaultOwner(ids) }),
  };
}

/** The marks of what was deleted go, too: nothing lies below any more. */
async function copyOwnFiles(
  root: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(target);
  const own = (await readdir(root)).filter((name) => !SYSTEM_DIRECTORIES.has(name));
  if (own.length === 0) return;
  const sources = own.map((name) => join(root, name));
  const [program = "", ...args]: string[] = [
    ...asTreeRoot(),
    "sh",
    "-ec",
    COPY,
    "sh",
    target,
    ...sources,
  ];
  try {
    await run(program, args, {
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new SandboxError("internal", "A snapshot's files could not be copied.", { cause: error });
  }
}

// An overlay's notes on its directories are nothing to others.
const COPY =
  'target=$1; shift; cp -a --reflink=auto --no-preserve=xattr -t "$target" -- "$@"; find "$target" -type c -delete';

/** Makes the upper directories of a layer out of a plain tree: the system's stay root's, all else is the default user's. */
async function arrange(
  upper: string,
  { ids, places }: { ids: IdMap; places: OwnPlaces },
): Promise<void> {
  const [root, usr] = [join(upper, "root"), join(upper, "usr")];
  const systemOwner = { uid: hostUid(ids, 0), gid: hostGid(ids, 0) };
  const own = new Set([places.cwd, places.home].map((path) => path.split("/")[1]));
  await moveIfThere(join(root, "usr"), usr);
  await mkdir(usr, { recursive: true });
  const entries = await readdir(root, { withFileTypes: true });
  const given: Record<"user" | "system", string[]> = { user: [], system: [usr] };
  const asSystem: { path: string; mode: number }[] = [{ path: usr, mode: 0o755 }];
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (VIRTUAL.has(entry.name)) await removeTree(path);
    else if (await isLinkHere(entry)) await moveIfFree(path, join(usr, entry.name));
    else if (SYSTEM_DIRECTORIES.has(entry.name)) given.system.push(path);
    else given.user.push(path);
    if (!own.has(entry.name) && entry.isDirectory() && (await isDirectoryHere(entry.name))) {
      asSystem.push({ path, mode: entry.name === "tmp" ? 0o1777 : 0o755 });
    }
  }
  await ownTree(given.user, defaultOwner(ids));
  await ownTree(given.system, systemOwner);
  for (const { path, mode } of [...asSystem, { path: root, mode: 0o755 }]) {
    if (!(await isThere(path))) continue;
    await chown(path, systemOwner.uid, systemOwner.gid);
    await chmod(path, mode);
  }
}

/** `/bin` and the like are links to directories in `/usr` on most machines, which nothing may lie in the way of. */
async function isLinkHere({ name }: Dirent): Promise<boolean> {
  const stats = await lstat(join("/", name)).catch(() => undefined); // Only the sandbox has it.
  return stats?.isSymbolicLink() ?? false;
}

async function isDirectoryHere(name: string): Promise<boolean> {
  const stats = await lstat(join("/", name)).catch(() => undefined); // As above.
  return stats?.isDirectory() ?? false;
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined; // It was moved or removed.
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** What is in the way of a link of the system's, and has no other place, is left out. */
async function moveIfFree(from: string, to: string): Promise<void> {
  if (await isThere(to)) await removeTree(from);
  else await rename(from, to);
}
