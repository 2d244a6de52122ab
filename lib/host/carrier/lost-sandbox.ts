import { SandboxError } from "../../contract/errors.ts";

/** What everybody is told who asks for something of a lost sandbox. */
export function lostSandbox(name: string): SandboxError {
  return new SandboxError(
    "sandbox_lost",
    `The sandbox ${name} is lost: the run that held it ended, and its files were kept nowhere. Delete it and make a new one; SANDLOT_KEEP, set for the tasks' workers, names a place where sandboxes outlive their runs.`,
  );
}
