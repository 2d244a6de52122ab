import { lstatSync, readlinkSync, type Stats, statfsSync } from "node:fs";
import { posix } from "node:path";
import type { FileInfo, FileType } from "../../contract/file.ts";
import { notFound } from "./confined-path.ts";
import type { FileOwners, FileTree, TreeDirectories } from "./file-tree-port.ts";

/** A name in a verified directory. */
export interface FoundEntry {
  /** A host path of the directory, valid as long as the directories are. */
  directory: string;
  /** "." for the tree's root. */
  name: string;
  /** A host path of the name itself. */
  hostPath: string;
  /** In the sandbox; goes through no link. */
  path: string;
}

/** What a path names now. Throws `file_not_found`. */
export async function findEntry(
  tree: FileTree,
  directories: TreeDirectories,
  { path, follow }: { path: string; follow: boolean },
): Promise<FoundEntry> {
  const { path: own, stats } = await tree.resolve(path, { follow });
  if (!stats) throw notFound(path);
  const isRoot = own === "/";
  // A drive that is mounted by a link is the directory that it leads to.
  const isItself = isRoot || tree.isMount?.(own) === true;
  const directory = await directories.at(isItself ? own : posix.dirname(own), { make: false });
  const name = isItself ? "." : posix.basename(own);
  return { directory, name, hostPath: `${directory}/${name}`, path: own };
}

export interface Described {
  path: string;
  hostPath: string | Buffer;
  owners: FileOwners;
}

/** Looks at a name without following it; throws the system's error when nothing has it. */
export function lookAt({ path, hostPath, owners }: Described): FileInfo {
  const stats = lstatSync(hostPath);
  const info = describe(stats, { path, owners });
  if (!stats.isSymbolicLink() || isOfKernel(hostPath)) return info;
  return { ...info, symlinkTarget: readlinkSync(hostPath) };
}

/** As Linux numbers the file system of its processes. */
const PROC = 0x9fa0;

/** Whether a link leads to what a process has open: it would be told by its path on the host. */
function isOfKernel(hostPath: string | Buffer): boolean {
  if (process.platform !== "linux") return false;
  const end = hostPath.lastIndexOf("/");
  const directory =
    typeof hostPath === "string" ? hostPath.slice(0, end) : hostPath.subarray(0, end);
  return statfsSync(directory).type === PROC;
}

/** What is known of a thing; where a link leads is not. */
export function describe(
  stats: Stats,
  { path, owners }: { path: string; owners: FileOwners },
): FileInfo {
  return {
    name: path === "/" ? "/" : posix.basename(path),
    path,
    type: typeOf(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    ...owners.of(stats),
    modifiedAt: stats.mtimeMs,
    accessedAt: stats.atimeMs,
    changedAt: stats.ctimeMs,
  };
}

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}
