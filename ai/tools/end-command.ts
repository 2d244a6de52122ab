import type { ProjectCommand } from "./project-sandbox.ts";
import { endsWithin } from "./ends-within.ts";

/** For a server to close its files, before it is ended by force. */
const GRACE_MS = 2_000;

/** Ends a command with all that it started, and returns its exit code when it has ended. */
export async function endCommand(command: Pick<ProjectCommand, "wait" | "kill">): Promise<number> {
  await command.kill("SIGTERM");
  if (!(await endsWithin(command, { milliseconds: GRACE_MS }))) await command.kill("SIGKILL");
  return (await command.wait()).exitCode;
}
