import { tool } from "ai";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { outputOfEnded, outputSoFar } from "./command-output.ts";
import { findCommand, openSandbox } from "./open-sandbox.ts";
import { attempt } from "./tool-error.ts";

/** Reads what a command has written so far. */
export function getCommandLogsTool(workspace: AgentWorkspace) {
  return tool({
    description:
      "Reads what a command has written so far, and whether it still runs. Use it to see how a background command is doing.",
    inputSchema: TOOLS.getCommandLogs.input,
    outputSchema: TOOLS.getCommandLogs.output,
    execute: ({ commandId, lastLines: lines }, { abortSignal }) =>
      attempt(`read the logs of command ${commandId}`, abortSignal, async () => {
        const sandbox = await openSandbox(workspace, abortSignal);
        const command = await findCommand(sandbox, commandId, abortSignal);
        const isRunning = command.exitCode === null;
        const read = isRunning ? outputSoFar : outputOfEnded;
        return {
          sandboxId: sandbox.name,
          commandId,
          state: isRunning ? ("running" as const) : ("exited" as const),
          exitCode: command.exitCode,
          ...(await read(command, { signal: abortSignal, lines })),
        };
      }),
  });
}
