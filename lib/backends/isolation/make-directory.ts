import { mkdir } from "node:fs/promises";
import { posix } from "node:path";
import { SandboxError } from "../../contract/errors.ts";
import { fileFault } from "./file-fault.ts";
import type { FileTree, NewName, TreeDirectories } from "./file-tree-port.ts";
import { needsMode } from "./file-writer.ts";
import { openNode } from "./open-node.ts";
import { systemCode } from "./process-faults.ts";

const DEFAULT_MODE = 0o755;

export interface MakeDirectoryOptions {
  recursive: boolean;
  /** Of the last one; its parents have the usual. */
  mode?: number | undefined;
}

/** Makes a directory; a recursive one may be there already, and its parents are made. */
export async function makeDirectory(
  tree: FileTree,
  path: string,
  { recursive, mode = DEFAULT_MODE }: MakeDirectoryOptions,
): Promise<{ created: boolean }> {
  await using directories = tree.openDirectories();
  try {
    if (recursive) return await makeAll(tree, directories, { path, mode });
    const own = tree.toSandbox(path);
    const parent = await directories.at(posix.dirname(own), { make: false });
    await makeOne(tree, { directory: parent, name: posix.basename(own) }, mode);
    return { created: true };
  } catch (error) {
    if (SandboxError.is(error) && error.code === "file_not_found") {
      throw new SandboxError(
        "directory_not_found",
        `"${path}" could not be made: its parent directory does not exist.`,
        { cause: error },
      );
    }
    throw fileFault(error, path);
  }
}

async function makeAll(
  tree: FileTree,
  directories: TreeDirectories,
  { path, mode }: { path: string; mode: number },
): Promise<{ created: boolean }> {
  const own = tree.toSandbox(path);
  if (own === "/") return { created: false };
  const parent = await directories.at(posix.dirname(own), { make: true });
  try {
    await makeOne(tree, { directory: parent, name: posix.basename(own) }, mode);
    return { created: true };
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    // A directory is there already, perhaps behind a link; anything else is refused here.
    await directories.at(own, { make: true });
    return { created: false };
  }
}

async function makeOne(tree: FileTree, name: NewName, mode: number): Promise<void> {
  if (tree.maker) {
    await tree.maker.makeDirectory(name, mode);
    return;
  }
  const path = `${name.directory}/${name.name}`;
  await mkdir(path, mode);
  if (!needsMode(mode)) return;
  using node = openNode(path);
  node.chmod(mode);
}
