import type { CommandFinished, Sandbox } from "sandlot";
import { ERRAND } from "../../contract/errand.ts";

/** Whether a command is one of the studio's or the tools' own errands, which no list shows. */
export function isErrand({ args }: { args: readonly string[] }): boolean {
  return args[2] === ERRAND;
}

/**
 * Runs a script of the studio's own, with `$1` and so on as given, in the project's folder. Does not throw for an exit
 * code other than 0.
 */
export async function runQuietly(
  sandbox: Sandbox,
  script: string,
  {
    args = [],
    env = {},
    signal,
  }: { args?: readonly string[]; env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<CommandFinished> {
  return sandbox.runCommand({
    cmd: "sh",
    args: ["-c", script, ERRAND, ...args],
    env,
    ...(signal && { signal }),
  });
}
