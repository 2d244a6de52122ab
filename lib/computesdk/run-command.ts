import type { CommandResult, RunCommandOptions } from "@computesdk/provider";
import type { Sandbox } from "../trigger-client/index.ts";

/**
 * Runs a shell line. With callbacks, they get the output as it comes. With `background` it returns when the command
 * runs, with exit code 0 and no output.
 */
export async function runCommand(
  sandbox: Sandbox,
  line: string,
  options: RunCommandOptions = {},
): Promise<CommandResult> {
  const { cwd, env, timeout, background, onStdout, onStderr } = options;
  const startedAt = performance.now();
  const command = await sandbox.runCommand({
    cmd: "bash",
    args: ["-c", line],
    detached: true,
    ...(cwd !== undefined && { cwd }),
    ...(env && { env }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
  });
  const output = { stdout: "", stderr: "" };
  let exitCode = 0;
  if (!background) {
    for await (const { stream, data } of command.logs()) {
      output[stream] += data;
      (stream === "stdout" ? onStdout : onStderr)?.(data);
    }
    ({ exitCode } = await command.wait());
  }
  return { ...output, exitCode, durationMs: performance.now() - startedAt };
}
