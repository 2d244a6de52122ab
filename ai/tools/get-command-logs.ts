import { tool } from "ai";
import { TOOLS } from "../../studio/contract/tools.ts";
import { commandState } from "./command-state.ts";
import { endsWithin } from "./ends-within.ts";
import { openSandbox } from "./open-sandbox.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** Reads what a command has written so far. */
export function getCommandLogsTool(context: ToolContext) {
  return tool({
    description:
      "Reads what a command has written so far, and whether it still runs. Use it to see how a background command is doing. With waitSeconds it waits for the command's end first, so long at most.",
    inputSchema: TOOLS.getCommandLogs.input,
    outputSchema: TOOLS.getCommandLogs.output,
    execute: ({ commandId, lastLines: lines, waitSeconds }, call) =>
      attempt(`read the logs of command ${commandId}`, call.abortSignal, async () => {
        const sandbox = await openSandbox(context, call);
        let command = await sandbox.command(commandId);
        if (waitSeconds !== undefined && command.exitCode === null) {
          const milliseconds = waitSeconds * 1_000;
          await endsWithin(command, { milliseconds, signal: call.abortSignal });
          command = await sandbox.command(commandId);
        }
        if (command.exitCode !== null) context.background.delete(commandId);
        return { sandboxId: sandbox.name, commandId, ...(await commandState(command, { lines })) };
      }),
  });
}
