import { SandboxError } from "../contract/errors.ts";
import type { Root } from "./ports.ts";
import type { FileAccess } from "./root-files.ts";
import { runInRoot } from "./run-in-root.ts";

export interface ProgramMove extends FileAccess {
  /** Absolute, as commands see them. */
  source: string;
  destination: string;
  /** A directory to make, to use and to delete. */
  scratch: string;
}

/**
 * Moves by mv(1) in the sandbox, which copies what another file system is to hold. As whom it runs, and where its
 * paths lead to, is the sandbox's own business. Throws `invalid_request` with what it says.
 */
export async function moveByProgram(
  root: Root,
  { source, destination, sudo = false, signal, scratch }: ProgramMove,
): Promise<void> {
  const args = ["-fT", "--", source, destination];
  const errand = {
    cmd: "mv",
    args,
    env: { LC_ALL: "C" },
    cwd: "/",
    sudo,
    ...(signal && { signal }),
  };
  const { exitCode, errorTail } = await runInRoot(root, errand, scratch);
  if (exitCode === 0) return;
  throw new SandboxError(
    "invalid_request",
    `"${source}" could not be moved to "${destination}": ${errorTail || `mv ended with ${exitCode}`}`,
  );
}
