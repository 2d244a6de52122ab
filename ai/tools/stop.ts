import { tool } from "ai";
import { TOOLS } from "../../studio/contract/tools.ts";
import { endCommand } from "./end-command.ts";
import { openSandbox } from "./open-sandbox.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** Ends a command, or puts the sandbox to rest. */
export function stopTool(context: ToolContext) {
  return tool({
    description:
      "Ends a background command, for example a server that is to be started anew. Without commandId it stops the whole sandbox; its files are kept.",
    inputSchema: TOOLS.stop.input,
    outputSchema: TOOLS.stop.output,
    execute: ({ commandId }, call) =>
      attempt(
        commandId ? `end command ${commandId}` : "stop the sandbox",
        call.abortSignal,
        async () => {
          const sandbox = await openSandbox(context, call);
          if (!commandId) {
            context.background.clear();
            await sandbox.stop();
            return { stopped: "sandbox" as const };
          }
          const command = await sandbox.command(commandId);
          context.background.delete(commandId);
          if (command.exitCode === null) {
            const exitCode = await endCommand(command);
            context.workspace.commandEnded({ sandboxId: sandbox.name, commandId, exitCode });
          }
          return { stopped: "command" as const, commandId };
        },
      ),
  });
}
