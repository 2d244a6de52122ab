import { type Command, Sandbox } from "sandlot";
import type { OperationSuccess } from "sandlot/contract";
import { type CommandOutput, OutputCollector } from "../command-output.ts";
import type { CommandStart, ProjectCommand } from "../project-sandbox.ts";
import { runTask, type TaskOptions } from "./run-task.ts";

const EXIT_OF_SIGKILL = 137;
/** Of output in one task's result. */
const PAGE_BYTES = 512 * 1024;

/** Where a command is, and what its tasks are run with. */
export interface TaskPlace extends TaskOptions {
  sandboxId: string;
}

/** Starts a command as a task that lasts as long as it does, and streams its output. */
export async function startInTask(
  { cmd, args, cwd, timeoutMs }: CommandStart,
  { sandboxId, onRun }: TaskPlace,
): Promise<ProjectCommand> {
  const output = new OutputCollector();
  const cancel = new AbortController();
  const started = Promise.withResolvers<string>();
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const run = runTask(
    "execute-command",
    { sandboxId, cmd, args, cwd, ...limit },
    {
      // Not the call's own signal: an abort ends the command by `kill`, once it is known.
      signal: cancel.signal,
      onRun,
      onOutput(record) {
        if (record.type === "started") started.resolve(record.commandId);
        if (record.type === "output") output.append(record.stream, record.data);
      },
    },
  );
  const ended = run.then(
    ({ exitCode, durationMs }) => ({
      exitCode: exitCode ?? EXIT_OF_SIGKILL,
      ...(durationMs !== undefined && { durationMs }),
    }),
    (error: unknown) => {
      // A cancelled run has ended its command by force.
      if (cancel.signal.aborted) return { exitCode: EXIT_OF_SIGKILL };
      throw error;
    },
  );
  ended.catch(started.reject);
  return {
    cmdId: await started.promise,
    exitCode: null,
    wait: ({ signal } = {}) => unlessAborted(ended, signal),
    kill: async () => cancel.abort(new Error("the command is ended")),
    output: async (lines) => output.result(lines),
  };
}

/** Starts a command that goes on when its task is over. */
export async function startInBackground(
  { cmd, args, cwd, timeoutMs }: CommandStart,
  place: TaskPlace,
): Promise<ProjectCommand> {
  const { sandboxId, onRun } = place;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const payload = { sandboxId, cmd, args, cwd, ...limit, detached: true };
  const { commandId } = await runTask("execute-command", payload, { onRun });
  return known({ commandId, exitCode: null }, place);
}

/** A command of the sandbox, as it is now. Throws `command_not_found`. */
export async function commandByTask(commandId: string, place: TaskPlace): Promise<ProjectCommand> {
  const { sandboxId, ...options } = place;
  return known(await runTask("get-command-status", { sandboxId, commandId }, options), place);
}

function known(
  { commandId, exitCode }: Pick<OperationSuccess<"get-command-status">, "commandId" | "exitCode">,
  place: TaskPlace,
): ProjectCommand {
  const { sandboxId, ...options } = place;
  const command = { sandboxId, commandId };
  return {
    cmdId: commandId,
    exitCode,
    // By the SDK: a wait is cut short all the time, and a run that was cancelled for that tells nobody anything.
    wait: async (params) => (await sdkCommand(command)).wait(params),
    // No task ends a command that another one started.
    kill: async (signal) => (await sdkCommand(command)).kill(signal),
    output: (lines) => readOutput(command, { options, lines }),
  };
}

interface CommandPlace {
  sandboxId: string;
  commandId: string;
}

async function sdkCommand({ sandboxId, commandId }: CommandPlace): Promise<Command> {
  const sandbox = await Sandbox.get({ name: sandboxId, resume: false });
  return sandbox.getCommand(commandId);
}

async function readOutput(
  command: CommandPlace,
  { options, lines }: { options: TaskOptions; lines: number | undefined },
): Promise<CommandOutput> {
  const output = new OutputCollector();
  let from = 0;
  while (true) {
    const payload = { ...command, from, limitBytes: PAGE_BYTES };
    const page = await runTask("get-command-logs", payload, options);
    let bytes = 0;
    for (const { stream, data } of page.chunks) {
      output.append(stream, data);
      bytes += Buffer.byteLength(data);
    }
    // A page that has room left is the last one; of a character that did not fit up to three bytes are left.
    if (page.complete || bytes < PAGE_BYTES - 3) return output.result(lines);
    from = page.next;
  }
}

async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
