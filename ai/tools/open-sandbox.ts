import { type Command, Sandbox } from "sandlot";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { StudioError } from "../../studio/contract/errors.ts";
import { engineStatus } from "./tool-error.ts";

const NOT_FOUND = 404;

/**
 * The project's sandbox, started again if it was stopped. Throws `no_sandbox` while there is none, and
 * `sandbox_not_found` when it was deleted.
 */
export async function openSandbox(
  workspace: AgentWorkspace,
  signal: AbortSignal | undefined,
): Promise<Sandbox> {
  const name = workspace.sandboxId();
  if (name === undefined) {
    throw new StudioError(
      "no_sandbox",
      "There is no sandbox yet. Call createSandbox first, then do this again.",
    );
  }
  try {
    return await Sandbox.get({ name, resume: true, ...(signal && { signal }) });
  } catch (error) {
    if (engineStatus(error) !== NOT_FOUND) throw error;
    throw new StudioError(
      "sandbox_not_found",
      "The sandbox is gone with its files. Call createSandbox, then write the files again.",
      { cause: error },
    );
  }
}

/** A command of the sandbox. Throws `command_not_found` for an id that nobody gave since it was started. */
export async function findCommand(
  sandbox: Sandbox,
  commandId: string,
  signal: AbortSignal | undefined,
): Promise<Command> {
  try {
    return await sandbox.getCommand(commandId, signal && { signal });
  } catch (error) {
    if (engineStatus(error) !== NOT_FOUND) throw error;
    throw new StudioError(
      "command_not_found",
      `There is no command ${commandId} in the sandbox since it was last started. Use the commandId that runCommand returned, or start the command anew.`,
      { cause: error },
    );
  }
}
