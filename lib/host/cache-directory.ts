import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CACHE_MOUNT } from "../backends/isolation/namespaces/outer/holder-script.ts";

/**
 * Where engines keep what can be made again and is the same for all of a user's: below
 * `XDG_CACHE_HOME`, or for root, whose home nobody else may walk through, in the system's own place.
 */
export function systemCacheDirectory(env: NodeJS.ProcessEnv): string {
  if (process.geteuid?.() === 0 && isWritable(CACHE_MOUNT)) return join(CACHE_MOUNT, "sandlot");
  return ownCacheDirectory(env);
}

/** What an ordinary user's daemon finds in that place of the system's, where it has a range of ids. */
export function walkableCacheDirectory(env: NodeJS.ProcessEnv): string {
  return join(ownCacheDirectory(env), "shared");
}

function ownCacheDirectory(env: NodeJS.ProcessEnv): string {
  const caches = env["XDG_CACHE_HOME"];
  return join(caches?.startsWith("/") ? caches : join(homedir(), ".cache"), "sandlot");
}

// Who is root only in a user namespace may not write where the system keeps its things.
function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
