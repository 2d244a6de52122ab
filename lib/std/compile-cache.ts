import { existsSync } from "node:fs";
import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";

/** Below a package that was copied for what runs from it for long: what is compiled of the copy, which goes with it. */
export const COMPILED = join("node_modules", ".cache", "compiled");

/**
 * Uses again what an earlier run has compiled, and keeps what this one compiles: beside the copy that it runs from, if
 * it does, else where Node has it for all programs. Code is known by its place, so what is compiled of a copy is of
 * use to nobody else.
 */
export function reuseCompiled(): void {
  const own = join(import.meta.dirname, "..", "..", COMPILED);
  enableCompileCache(existsSync(own) ? own : undefined);
}

/**
 * Keeps now what was compiled so far. Node does so when the process ends, which may be after others were told that it
 * has, and have deleted the copy.
 */
export function keepCompiled(): void {
  flushCompileCache();
}
