import { OPERATION_LIMITS } from "sandlot/contract";
import { openCommand, openSandbox } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";
import { sandboxCommands } from "./queues.ts";

/** Waits until a command ends, or the payload's time is over. */
export const waitForCommand = operationTask("wait-for-command", {
  description: "Waits for a command to end, at most as long as the payload says.",
  queue: sandboxCommands,
  answerMs: OPERATION_LIMITS.waitMs + OPERATION_LIMITS.answerMs,
  asked: ({ commandId }) => `wait for the command ${commandId}`,
  notFound: "command_not_found",
  async run({ sandboxId, commandId, timeoutMs }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const command = await openCommand(sandbox, commandId, signal);
    const patience = AbortSignal.timeout(timeoutMs);
    try {
      const { exitCode, durationMs } = await command.wait({
        signal: AbortSignal.any([signal, patience]),
      });
      return {
        sandboxId,
        commandId,
        finished: true,
        exitCode,
        ...(durationMs !== undefined && { durationMs }),
      };
    } catch (error) {
      if (!patience.aborted || signal.aborted) throw error;
      return { sandboxId, commandId, finished: false, exitCode: null };
    }
  },
});
