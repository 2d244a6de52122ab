import { posix } from "node:path";
import { SandboxError } from "../../../../contract/errors.ts";
import { executableMissing } from "../../find-executable.ts";
import type { SessionTree } from "../files/session-tree.ts";
import type { Identity } from "./enter-session.ts";

const ANY_EXECUTE = 0o111;

/**
 * Finds a program in a session as `execvp` would there: a name with a slash relative to the directory, any
 * other on the PATH. Throws `executable_not_found`.
 */
export function findProgram(
  tree: SessionTree,
  cmd: string,
  { path, cwd, identity }: { path: string; cwd: string; identity: Identity },
): string {
  const candidates = cmd.includes("/")
    ? [posix.resolve(cwd, cmd)]
    : path.split(":").map((directory) => posix.join(posix.resolve(cwd, directory), cmd));
  let isThere = false;
  for (const candidate of candidates) {
    const stats = statOf(tree, candidate, identity);
    isThere ||= stats !== undefined;
    if (stats?.isFile() && (stats.mode & ANY_EXECUTE) !== 0) return candidate;
  }
  throw new SandboxError("executable_not_found", executableMissing(cmd, { isThere }));
}

/** Throws `directory_not_found`. */
export function requireDirectory(tree: SessionTree, path: string, identity: Identity): void {
  if (statOf(tree, path, identity)?.isDirectory()) return;
  throw new SandboxError(
    "directory_not_found",
    `The working directory "${path}" does not exist in the sandbox. Make it first, or leave it out.`,
  );
}

// What may be reached by whom is known of the default user; of others, whether there is anything at all.
function statOf(tree: SessionTree, path: string, identity: Identity) {
  try {
    if (identity === "default-user") return tree.lookUp(path).stats;
    using walk = tree.walkUnguarded(path);
    return walk.toEntry().stats;
  } catch (error) {
    // Not there, not for the user, or no path at all: for whom it is sought, all the same.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
