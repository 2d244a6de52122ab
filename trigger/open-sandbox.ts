import { type Command, Sandbox } from "sandlot";
import { operationError, OperationFault } from "./operation-fault.ts";

/** The sandbox of that name, started again if need be by the first call that needs it to run. */
export async function openSandbox(sandboxId: string, signal: AbortSignal): Promise<Sandbox> {
  try {
    return await Sandbox.get({ name: sandboxId, signal });
  } catch (error) {
    throw named(error, { asked: `find the sandbox ${sandboxId}`, notFound: "sandbox_not_found" });
  }
}

/** A command of the sandbox's present session. */
export async function openCommand(
  sandbox: Sandbox,
  commandId: string,
  signal: AbortSignal,
): Promise<Command> {
  try {
    return await sandbox.getCommand(commandId, { signal });
  } catch (error) {
    const asked = `find the command ${commandId} in the sandbox ${sandbox.name}`;
    throw named(error, { asked, notFound: "command_not_found" });
  }
}

function named(error: unknown, what: Parameters<typeof operationError>[1]): unknown {
  const known = operationError(error, what);
  return known ? new OperationFault(known, { cause: error }) : error;
}

/** Where each of its ports is reached, as far as anything leads there from here. */
export function reachedPorts(sandbox: Sandbox): { port: number; url?: string }[] {
  return sandbox.routes.map(({ port }) => {
    try {
      return { port, url: sandbox.domain(port) };
    } catch {
      // A sandbox inside a run has no way in: the port is there all the same.
      return { port };
    }
  });
}
