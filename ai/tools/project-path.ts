import { posix } from "node:path";
import { PROJECT_FOLDER } from "../../studio/contract/limits.ts";

/** The absolute path in the sandbox that a model means: a relative one is the project folder's. */
export function absolutePath(path: string): string {
  return posix.resolve(PROJECT_FOLDER, path.trim());
}

/** The same as people and models read it best: relative, if it is inside the project folder. */
export function shownPath(path: string): string {
  return pathInProject(absolutePath(path)) || ".";
}

/** An absolute path as one of the project folder, which is empty for the folder itself; one outside of it stays as it is. */
export function pathInProject(absolute: string): string {
  const relative = posix.relative(PROJECT_FOLDER, absolute);
  return relative === ".." || relative.startsWith("../") ? absolute : relative;
}
