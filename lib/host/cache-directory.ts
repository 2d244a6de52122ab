import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where engines keep what can be made again and is the same for all of a user's: below
 * `XDG_CACHE_HOME`, or for root, whose home nobody else may walk through, in the system's own place.
 */
export function systemCacheDirectory(env: NodeJS.ProcessEnv): string {
  if (process.geteuid?.() === 0) return "/var/cache/sandlot";
  const caches = env["XDG_CACHE_HOME"];
  return join(caches?.startsWith("/") ? caches : join(homedir(), ".cache"), "sandlot");
}
