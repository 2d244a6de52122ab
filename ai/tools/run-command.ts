import { tool } from "ai";
import type { Command, Sandbox } from "sandlot";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { outputOfEnded, outputSoFar } from "./command-output.ts";
import { endCommand } from "./end-command.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath } from "./project-path.ts";
import { attempt, engineStatus } from "./tool-error.ts";
import type { TurnNotes } from "./turn-notes.ts";

/** Long enough for a large install; a server that was not put into the background ends then, and the model learns of it. */
const DEFAULT_TIMEOUT_SECONDS = 300;
const EXIT_OF_SIGKILL = 137;
const BAD_REQUEST = 400;

/** Runs a line of shell. */
export function runCommandTool(workspace: AgentWorkspace, turn: TurnNotes) {
  return tool({
    description:
      "Runs a command line in the sandbox's shell and waits for its end. With background true it returns at once and the command keeps running: use that for servers and watchers, and only for them.",
    inputSchema: TOOLS.runCommand.input,
    outputSchema: TOOLS.runCommand.output,
    execute: ({ command: line, cwd = ".", background = false, timeoutSeconds }, { abortSignal }) =>
      attempt(`run ${shorten(line)}`, abortSignal, async () => {
        const sandbox = await openSandbox(workspace, abortSignal);
        const seconds = timeoutSeconds ?? (background ? undefined : DEFAULT_TIMEOUT_SECONDS);
        const timeoutMs = seconds === undefined ? undefined : seconds * 1_000;
        const command = await start(sandbox, { line, cwd: absolutePath(cwd), timeoutMs });
        const ids = { sandboxId: sandbox.name, commandId: command.cmdId };
        workspace.commandStarted({ ...ids, command: line, cwd: absolutePath(cwd), background });
        if (background) {
          turn.startedInBackground = true;
          // Most of what goes wrong with a server goes wrong at once, so its first lines are worth the wait.
          const output = await outputSoFar(command, { signal: abortSignal });
          const { exitCode } = await sandbox.getCommand(command.cmdId);
          return { ...ids, state: exitCode === null ? "running" : "exited", exitCode, ...output };
        }
        const { exitCode, durationMs } = await endOf(command, ids, { workspace, abortSignal });
        const isTimedOut =
          timeoutMs !== undefined &&
          exitCode === EXIT_OF_SIGKILL &&
          (durationMs ?? timeoutMs) >= timeoutMs;
        const output = await outputOfEnded(command, { signal: abortSignal });
        return { ...ids, state: isTimedOut ? "timed-out" : "exited", exitCode, ...output };
      }),
  });
}

/** Started detached, and so that no abort can leave a command behind of which nobody knows. */
async function start(
  sandbox: Sandbox,
  { line, cwd, timeoutMs }: { line: string; cwd: string; timeoutMs: number | undefined },
): Promise<Command> {
  const request = { cwd, detached: true as const, ...(timeoutMs !== undefined && { timeoutMs }) };
  try {
    return await sandbox.runCommand({ ...request, cmd: "bash", args: ["-c", line] });
  } catch (error) {
    // Models write for bash, but small systems have only sh. Whatever else was refused is refused again.
    if (engineStatus(error) !== BAD_REQUEST) throw error;
    return sandbox.runCommand({ ...request, cmd: "sh", args: ["-c", line] });
  }
}

interface EndOptions {
  workspace: AgentWorkspace;
  abortSignal: AbortSignal | undefined;
}

/** Waits for the end; an abort is the end, and has ended the command when this throws. */
async function endOf(
  command: Command,
  ids: { sandboxId: string; commandId: string },
  { workspace, abortSignal }: EndOptions,
): Promise<{ exitCode: number; durationMs?: number }> {
  try {
    const ended = await command.wait(abortSignal && { signal: abortSignal });
    workspace.commandEnded({ ...ids, exitCode: ended.exitCode });
    return ended;
  } catch (error) {
    if (!abortSignal?.aborted) {
      workspace.commandEnded({ ...ids, exitCode: null });
      throw error;
    }
    const exitCode = await endCommand(command).catch(() => null); // The sandbox itself was stopped.
    workspace.commandEnded({ ...ids, exitCode });
    throw error;
  }
}

function shorten(line: string): string {
  const flat = line.replace(/\s+/g, " ").trim();
  return flat.length > 80 ? `${flat.slice(0, 79)}…` : flat;
}
