import { OPERATION_LIMITS } from "sandlot/contract";
import { openCommand, openSandbox } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";

/** Tells how a command stands. */
export const getCommandStatus = operationTask("get-command-status", {
  description: "Tells whether a command runs, or how it ended.",
  answerMs: OPERATION_LIMITS.answerMs,
  asked: ({ commandId }) => `look at the command ${commandId}`,
  notFound: "command_not_found",
  async run({ sandboxId, commandId }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const command = await openCommand(sandbox, commandId, signal);
    return {
      sandboxId,
      commandId,
      cwd: command.cwd,
      running: command.exitCode === null,
      exitCode: command.exitCode,
      startedAt: command.startedAt,
      ...(command.durationMs !== undefined && { durationMs: command.durationMs }),
    };
  },
});
