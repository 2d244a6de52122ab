import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { SandboxError } from "../../../../contract/errors.ts";
import { siblingProgram } from "../network/sibling-program.ts";

export interface MergeOptions {
  /** The directory to make; what of it is there after a failure is the caller's to delete. */
  target: string;
  signal?: AbortSignal | undefined;
}

/**
 * Makes one layer of several, the topmost first: it shows the same on top of whatever they lay on. Takes no room for
 * files, which both have then. Runs beside this process, and ends with it.
 */
export async function mergeLayers(
  layers: readonly string[],
  { target, signal }: MergeOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const agent = [
    process.execPath,
    siblingProgram(import.meta.url, "merge-agent"),
    target,
    ...layers,
  ];
  const [program = "", ...args] = [...asTreeRoot(), ...agent];
  const child = spawn(program, args, {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    ...(signal && { signal, killSignal: "SIGKILL" }),
  });
  const [[code], complaint] = await Promise.all([
    once(child, "exit") as Promise<[number | null]>,
    text(child.stderr!),
  ]);
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new SandboxError("internal", "Layers of a snapshot could not be made one.", {
    cause: new Error(complaint.trim()),
  });
}

/** How a program of ours reads layers: among files of its own, root of a user namespace is kept from none by their modes. */
export function asTreeRoot(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user", "--"];
}
