import type { Command, Sandbox } from "sandlot";
import { OPERATION_DEFAULTS, OPERATION_LIMITS, type OperationPayload } from "sandlot/contract";
import { begunCommand } from "./begun-command.ts";
import { commandOutput } from "./command-output.ts";
import { CommandRecords } from "./command-records.ts";
import { openCommand, openSandbox } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";
import { sandboxCommands } from "./queues.ts";
import { writeRecords } from "./write-records.ts";

type Payload = OperationPayload<"execute-command">;

/**
 * Runs a command and streams its output on this run. Cancelling the run ends the command with all that it started. If
 * the worker dies, the next attempt goes on with the same command, from its first line: readers know by `offset`.
 */
export const executeCommand = operationTask("execute-command", {
  description: "Runs a command in a sandbox; its output is the run's stream `command-output`.",
  queue: sandboxCommands,
  asked,
  notFound: "sandbox_not_found",
  failed: async (error) => {
    // Whoever reads the stream waits for its last record.
    await commandOutput.append({ type: "failed", error });
  },
  async run(payload, { cancelled }) {
    const { sandboxId, detached } = payload;
    const answer = () =>
      AbortSignal.any([cancelled, AbortSignal.timeout(OPERATION_LIMITS.answerMs)]);
    const sandbox = await openSandbox(sandboxId, answer());
    const earlier = begunCommand.earlier(asked(payload));
    const command = earlier
      ? await openCommand(sandbox, earlier, answer())
      : await beginCommand(sandbox, payload);
    const commandId = command.cmdId;
    if (detached) return { sandboxId, commandId, exitCode: null, ...NOTHING };
    return untilItEnds(command, { sandboxId, cancelled });
  },
});

const NOTHING = {
  stdout: { text: "", omittedBytes: 0 },
  stderr: { text: "", omittedBytes: 0 },
} as const;

function asked({ cmd, sandboxId }: Payload): string {
  return `run ${cmd} in the sandbox ${sandboxId}`;
}

/** Starts it and keeps its id with the run. A cancelled run's command is started, too: only then it can be ended. */
async function beginCommand(
  sandbox: Sandbox,
  { cmd, args, cwd, env, sudo, detached, timeoutMs }: Payload,
): Promise<Command> {
  const limitMs = timeoutMs ?? (detached ? undefined : OPERATION_DEFAULTS.commandMs);
  await begunCommand.announce();
  let command: Command;
  try {
    command = await sandbox.runCommand({
      cmd,
      args,
      env,
      sudo,
      detached: true,
      signal: AbortSignal.timeout(OPERATION_LIMITS.answerMs),
      ...(limitMs !== undefined && { timeoutMs: limitMs }),
      ...(cwd !== undefined && { cwd }),
    });
  } catch (error) {
    await begunCommand.forget();
    throw error;
  }
  await begunCommand.keep(command.cmdId);
  return command;
}

async function untilItEnds(
  command: Command,
  { sandboxId, cancelled }: { sandboxId: string; cancelled: AbortSignal },
) {
  const records = new CommandRecords({ command, sandboxId });
  let ended: Promise<void> | undefined;
  // Its log ends with it, so that the stream is written to its end in either case.
  const onAbort = (): void => {
    ended ??= command.kill("SIGKILL");
    // Told below.
    ended.catch(() => undefined);
  };
  if (cancelled.aborted) onAbort();
  cancelled.addEventListener("abort", onAbort, { once: true });
  try {
    await writeRecords(records.read());
    const { exitCode, durationMs } = await command.wait();
    return {
      sandboxId,
      commandId: command.cmdId,
      exitCode,
      ...(durationMs !== undefined && { durationMs }),
      ...records.tails(),
    };
  } finally {
    cancelled.removeEventListener("abort", onAbort);
    await ended;
  }
}
