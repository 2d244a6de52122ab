import { lstatSync, renameSync } from "node:fs";
import { posix } from "node:path";
import { SandboxError } from "../../contract/errors.ts";
import { notFound } from "./confined-path.ts";
import { fileFault } from "./file-fault.ts";
import type { FileTree, TreeDirectories } from "./file-tree-port.ts";
import { findEntry, type FoundEntry } from "./find-entry.ts";
import { mountOf, mustBeNoMount } from "./mount-point.ts";
import { systemCode } from "./process-faults.ts";

/** Gives a thing another name. False, with nothing changed, where only a copy could do that. */
export async function moveEntry(
  tree: FileTree,
  source: string,
  destination: string,
): Promise<{ moved: boolean }> {
  await using directories = tree.openDirectories();
  try {
    const from = await findEntry(tree, directories, { path: source, follow: false });
    const to = await placeFor(tree, directories, destination);
    if (from.name === "." || to.name === ".")
      throw notMovable(from.name === "." ? source : destination);
    for (const { directory, hostPath } of [from, to]) {
      const isThere = lstatSync(hostPath, { throwIfNoEntry: false }) !== undefined;
      if (isThere) mustBeNoMount(hostPath, mountOf(`${directory}/.`));
    }
    // The system decides: the one who renames is the user, or has no more rights than he.
    if (!tree.maker) renameSync(from.hostPath, to.hostPath);
    else if (tree.maker.rename) await tree.maker.rename(from, to);
    else return { moved: false };
    return { moved: true };
  } catch (error) {
    if (systemCode(error) === "EXDEV") return { moved: false };
    throw fileFault(error, systemCode(error) === "ENOENT" ? source : destination);
  }
}

type Place = Pick<FoundEntry, "directory" | "name" | "hostPath">;

async function placeFor(
  tree: FileTree,
  directories: TreeDirectories,
  path: string,
): Promise<Place> {
  const own = tree.toSandbox(path);
  if (own === "/" || tree.isMount?.(own)) throw notMovable(path);
  const name = posix.basename(own);
  try {
    const parent = await tree.resolve(posix.dirname(own));
    if (!parent.stats?.isDirectory()) throw notFound(path);
    const directory = await directories.at(parent.path, { make: false });
    return { directory, name, hostPath: `${directory}/${name}` };
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "file_not_found") throw error;
    throw new SandboxError(
      "directory_not_found",
      `Nothing can be moved to "${path}": its parent directory does not exist in the sandbox.`,
      { cause: error },
    );
  }
}

function notMovable(path: string): SandboxError {
  return new SandboxError(
    "invalid_request",
    `"${path}" cannot be moved or replaced: the sandbox's file system, or a drive, begins there.`,
  );
}
