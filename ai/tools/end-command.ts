import type { Command } from "sandlot";

/** For a server to close its files, before it is ended by force. */
const GRACE_MS = 2_000;

/** Ends a command with all that it started, and returns its exit code when it has ended. */
export async function endCommand(command: Command): Promise<number> {
  await command.kill("SIGTERM");
  const patience = AbortSignal.timeout(GRACE_MS);
  try {
    return (await command.wait({ signal: patience })).exitCode;
  } catch (error) {
    if (!patience.aborted) throw error;
  }
  await command.kill("SIGKILL");
  return (await command.wait()).exitCode;
}
