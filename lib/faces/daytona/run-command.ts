import type { CommandRequestInput } from "../../contract/command.ts";
import type { Engine, Waiting } from "../../engine/engine.ts";
import { mustFit } from "./answers.ts";

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
 * ended, and so is one that writes more than an answer holds (`too_large`). `input` is all that it can read.
 */
export async function runCommand(
  { commands }: Pick<Engine, "commands">,
  sessionId: string,
  request: Omit<CommandRequestInput, "attachStdin">,
  { signal, input }: Waiting & { input?: string } = {},
): Promise<Finished> {
  const waiting = signal ? { signal } : {};
  const attachStdin = input !== undefined;
  const { id } = await commands.start(sessionId, { ...request, attachStdin }, waiting);
  const written = { stdout: "", stderr: "" };
  try {
    if (input !== undefined) {
      const data = new TextEncoder().encode(input);
      await commands.writeStdin(sessionId, id, { data, end: true }, waiting);
    }
    for await (const { stream, data } of commands.output(sessionId, id, waiting)) {
      written[stream] += data;
      mustFit(written);
    }
    const { exitCode, durationMs = 0 } = await commands.wait(sessionId, id, waiting);
    const { timeoutMs } = request;
    const timedOut =
      timeoutMs !== undefined && exitCode === 128 + SIGKILL && durationMs >= timeoutMs;
    return { ...written, exitCode: exitCode ?? 0, timedOut };
  } catch (error) {
    // The first failure is the one to tell.
    await commands.kill(sessionId, id, SIGKILL).catch(() => undefined);
    throw error;
  }
}
