import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the program answered. Undefined when it is not there, fails, or does not answer in time. */
export async function probeProgram(
  program: string,
  args: string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, args, { signal, timeout: 10_000 });
    return stdout || stderr;
  } catch {
    // Not installed, not permitted, or another program of that name: each means "not usable".
    signal.throwIfAborted();
    return undefined;
  }
}
