import { randomInt } from "node:crypto";
import type { Sandbox } from "@vercel/sandbox";

/**
 * A time for `sleep`, a day at least, that no other process on this machine sleeps for: with some
 * isolations, sandboxes see the processes of others, such as of another run of these tests.
 */
export function uniqueSeconds(): string {
  return `86400.${randomInt(1e9, 1e10)}`;
}

/** The command lines with the text in them, of all processes that the sandbox sees. */
export async function processesWith(sandbox: Sandbox, text: string): Promise<string[]> {
  const listed = await sandbox.runCommand("ps", ["-ww", "-eo", "args="]);
  if (listed.exitCode !== 0) throw new Error(`ps failed: ${await listed.stderr()}`);
  return (await listed.stdout()).split("\n").filter((line) => line.includes(text));
}

/** Returns when no process that the sandbox sees has the text in its command line. */
export async function goneProcesses(sandbox: Sandbox, text: string): Promise<void> {
  while ((await processesWith(sandbox, text)).length > 0) continue;
}
