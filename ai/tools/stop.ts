import { tool } from "ai";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { endCommand } from "./end-command.ts";
import { findCommand, openSandbox } from "./open-sandbox.ts";
import { attempt } from "./tool-error.ts";

/** Ends a command, or puts the sandbox to rest. */
export function stopTool(workspace: AgentWorkspace) {
  return tool({
    description:
      "Ends a background command, for example a server that is to be started anew. Without commandId it stops the whole sandbox; its files are kept.",
    inputSchema: TOOLS.stop.input,
    outputSchema: TOOLS.stop.output,
    execute: ({ commandId }, { abortSignal }) =>
      attempt(
        commandId ? `end command ${commandId}` : "stop the sandbox",
        abortSignal,
        async () => {
          const options = abortSignal && { signal: abortSignal };
          const sandbox = await openSandbox(workspace, abortSignal);
          if (!commandId) {
            await sandbox.stop(options);
            return { stopped: "sandbox" as const };
          }
          const command = await findCommand(sandbox, commandId, abortSignal);
          if (command.exitCode === null) {
            const exitCode = await endCommand(command);
            workspace.commandEnded({ sandboxId: sandbox.name, commandId, exitCode });
          }
          return { stopped: "command" as const, commandId };
        },
      ),
  });
}
