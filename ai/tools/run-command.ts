import { tool } from "ai";
import { TOOLS } from "../../studio/contract/tools.ts";
import { commandState } from "./command-state.ts";
import { endCommand } from "./end-command.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath } from "./project-path.ts";
import type { ProjectCommand, ProjectSandbox, ToolCall } from "./project-sandbox.ts";
import { shellLine } from "./shell-line.ts";
import { shortenLine } from "./shorten-line.ts";
import type { ToolContext } from "./tool-context.ts";
import { attempt } from "./tool-error.ts";
import { silentUrls, watchStart } from "./watch-start.ts";

/** Long enough for a large install; a server that was not put into the background ends then, and the model learns of it. */
const DEFAULT_TIMEOUT_SECONDS = 300;
const EXIT_OF_SIGKILL = 137;

/** Runs a line of shell. */
export function runCommandTool(context: ToolContext) {
  return tool({
    description:
      "Runs a command line in the sandbox's shell and waits for its end. With background true it returns at once and the command keeps running: use that for servers and watchers, and only for them.",
    inputSchema: TOOLS.runCommand.input,
    outputSchema: TOOLS.runCommand.output,
    execute: ({ command: line, cwd = ".", background = false, timeoutSeconds }, call) =>
      attempt(`run ${shortenLine(line)}`, call.abortSignal, async () => {
        const sandbox = await openSandbox(context, call);
        const seconds = timeoutSeconds ?? (background ? undefined : DEFAULT_TIMEOUT_SECONDS);
        const timeoutMs = seconds === undefined ? undefined : seconds * 1_000;
        const urls = background ? await silentUrls(await urlsOf(sandbox)) : [];
        const folder = absolutePath(cwd);
        const request = { ...shellLine(line), cwd: folder, timeoutMs, background };
        const command = await sandbox.start(request);
        const ids = { sandboxId: sandbox.name, commandId: command.cmdId };
        context.workspace.commandStarted({ ...ids, command: line, cwd: folder, background });
        if (background) {
          await watchStart(command, { urls, signal: call.abortSignal });
          const started = await sandbox.command(command.cmdId);
          if (started.exitCode === null) context.background.add(started.cmdId);
          return { ...ids, ...(await commandState(started)) };
        }
        const { exitCode, durationMs } = await endOf(command, ids, { context, call });
        const isTimedOut =
          timeoutMs !== undefined &&
          exitCode === EXIT_OF_SIGKILL &&
          (durationMs ?? timeoutMs) >= timeoutMs;
        const state = isTimedOut ? ("timed-out" as const) : ("exited" as const);
        return { ...ids, state, exitCode, ...(await command.output()) };
      }),
  });
}

/** Where an app may come up. */
async function urlsOf(sandbox: ProjectSandbox): Promise<string[]> {
  return (await sandbox.ports()).flatMap(({ url }) => (url === undefined ? [] : [url]));
}

interface EndOptions {
  context: ToolContext;
  call: ToolCall;
}

/** Waits for the end; an abort is the end, and has ended the command when this throws. */
async function endOf(
  command: ProjectCommand,
  ids: { sandboxId: string; commandId: string },
  { context: { workspace }, call: { abortSignal } }: EndOptions,
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
