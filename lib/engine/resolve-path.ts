import { posix } from "node:path";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";

/** A path as commands see it: absolute and normalised. Relative ones begin at `base`, each after the one before. */
export function resolvePath(base: string, ...paths: (string | undefined)[]): string {
  for (const path of paths) {
    if (path === undefined) continue;
    if (path.length > LIMITS.pathLength || path.includes("\0")) {
      throw new SandboxError(
        "invalid_request",
        `path: at most ${LIMITS.pathLength} characters, none of them NUL; given were ${path.length}.`,
      );
    }
  }
  const given = paths.filter((path) => path !== undefined);
  return posix.resolve("/", base, ...given);
}
