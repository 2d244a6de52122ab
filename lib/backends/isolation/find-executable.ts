import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { SandboxError } from "../../contract/errors.ts";

/**
 * Finds a program as `execvp` would: a name with a slash relative to the
 * directory, any other on the PATH. Throws `executable_not_found`, whose message
 * names what was asked and no path of the host's.
 */
export function findExecutable(cmd: string, { path, cwd }: { path: string; cwd: string }): string {
  const candidates = cmd.includes("/")
    ? [resolve(cwd, cmd)]
    : path.split(delimiter).map((directory) => join(resolve(cwd, directory), cmd));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new SandboxError("executable_not_found", describe(cmd, candidates));
}

function describe(cmd: string, candidates: string[]): string {
  return executableMissing(cmd, { isThere: candidates.some(exists) });
}

/** Why a command could not be started, and what to do; `isThere` says that a file of that name is. */
export function executableMissing(cmd: string, { isThere }: { isThere: boolean }): string {
  if (cmd.includes("/") && isThere) {
    return `"${cmd}" is no executable file. Give it the execute permission, or run it by its interpreter.`;
  }
  const where = cmd.includes("/") ? "There is no such file" : "It is not on the PATH";
  const advice = /\s/.test(cmd)
    ? ' A command is a program, not a shell line: pass its arguments apart, or run "sh" with "-c".'
    : "";
  return `The executable "${cmd}" was not found. ${where}.${advice}`;
}

function isExecutable(file: string): boolean {
  try {
    // Most directories of a PATH do not have it: that is told without an error being made.
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // ENOTDIR, EACCES: not this one, then.
    return false;
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}
