import type { CommandRequestInput } from "../../contract/command.ts";
import type { Engine, Waiting } from "../../engine/engine.ts";

export interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** It was ended because its time was up. */
  timedOut: boolean;
}

const SIGKILL = 9;

/**
 * Runs a command to its end and gives all that it wrote. Nobody else knows of it: when the caller leaves, it is
 * ended.
 */
export async function runCommand(
  { commands }: Pick<Engine, "commands">,
  sessionId: string,
  request: CommandRequestInput,
  { signal }: Waiting = {},
): Promise<Finished> {
  const { id } = await commands.start(sessionId, request, signal && { signal });
  const written = { stdout: "", stderr: "" };
  try {
    for await (const { stream, data } of commands.output(sessionId, id, signal && { signal })) {
      written[stream] += data;
    }
    const { exitCode, durationMs = 0 } = await commands.wait(sessionId, id, signal && { signal });
    const { timeoutMs } = request;
    const timedOut =
      timeoutMs !== undefined && exitCode === 128 + SIGKILL && durationMs >= timeoutMs;
    return { ...written, exitCode: exitCode ?? 0, timedOut };
  } catch (error) {
    if (signal?.aborted) await commands.kill(sessionId, id, SIGKILL);
    throw error;
  }
}
