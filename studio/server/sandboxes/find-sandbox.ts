import { Command, type CommandFinished, Sandbox } from "sandlot";
import { StudioError } from "../../contract/errors.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import { sessionIdsOf } from "./list-sessions.ts";

/** The sandbox, started again if it was stopped. Throws `sandbox_not_found`. */
export async function runningSandbox(sandboxId: string, signal?: AbortSignal): Promise<Sandbox> {
  return find(sandboxId, { resume: true, signal });
}

/** The sandbox, which must be running: looking at something is no reason to start it. Throws `sandbox_stopped`. */
export async function sandboxIfRunning(sandboxId: string, signal?: AbortSignal): Promise<Sandbox> {
  const sandbox = await sandboxAsItIs(sandboxId, signal);
  if (sandbox.status === "running") return sandbox;
  throw new StudioError(
    "sandbox_stopped",
    "The sandbox is stopped. Its files are kept: resume it to see them.",
  );
}

/** The sandbox as it is. Throws `sandbox_not_found`. */
export async function sandboxAsItIs(sandboxId: string, signal?: AbortSignal): Promise<Sandbox> {
  return find(sandboxId, { resume: false, signal });
}

/** The sandbox as it is; undefined when somebody has deleted it. */
export async function sandboxIfThere(
  sandboxId: string,
  signal?: AbortSignal,
): Promise<Sandbox | undefined> {
  try {
    return await sandboxAsItIs(sandboxId, signal);
  } catch (error) {
    if (toStudioError(error).code === "sandbox_not_found") return undefined;
    throw error;
  }
}

/** A command of the sandbox's latest session; the sandbox may be stopped. Throws `command_not_found`. */
export async function findCommand(sandbox: Sandbox, cmdId: string): Promise<Command> {
  try {
    return (await sandbox.currentSession().getCommand(cmdId)) as Command;
  } catch (error) {
    const known = toStudioError(error);
    if (known.code !== "sandbox_not_found" && known.code !== "bad_request") throw error;
    throw new StudioError(
      "command_not_found",
      "This command is not known. It may be of a time before the sandbox was last stopped.",
      { cause: error, field: "cmdId" },
    );
  }
}

/** A command of any of the sandbox's sessions, whose output can be read. Throws `command_not_found`. */
export async function findEarlierCommand(
  sandbox: Sandbox,
  cmdId: string,
): Promise<Command | CommandFinished> {
  try {
    return await findCommand(sandbox, cmdId);
  } catch (error) {
    if (toStudioError(error).code !== "command_not_found") throw error;
    for (const sessionId of await sessionIdsOf(sandbox)) {
      const command = await commandOf(sessionId, cmdId);
      if (command) return command;
    }
    throw error;
  }
}

// With its session a command of an earlier one has ended: nothing is waited for but the engine's answer, which tells all of it.
async function commandOf(sessionId: string, cmdId: string): Promise<CommandFinished | undefined> {
  const unknown = { name: "", args: [], cwd: "", exitCode: null, startedAt: 0 };
  try {
    return await new Command({ sessionId, cmd: { ...unknown, id: cmdId, sessionId } }).wait();
  } catch (error) {
    if (toStudioError(error).code === "sandbox_not_found") return undefined;
    throw error;
  }
}

async function find(
  name: string,
  { resume, signal }: { resume: boolean; signal: AbortSignal | undefined },
): Promise<Sandbox> {
  try {
    return await Sandbox.get({ name, resume, ...(signal && { signal }) });
  } catch (error) {
    const known = toStudioError(error);
    if (known.code !== "sandbox_not_found") throw error;
    throw new StudioError(
      "sandbox_not_found",
      `There is no sandbox ${name}. It may have been deleted; the agent makes a new one when it needs it.`,
      { cause: error, field: "sandboxId" },
    );
  }
}
