import type { CommandOutput } from "./command-output.ts";
import type { ProjectCommand } from "./project-sandbox.ts";

/** How far a command is, and what it has written by now: all of it, when it has ended. */
export async function commandState(
  command: ProjectCommand,
  { lines }: { lines?: number | undefined } = {},
): Promise<CommandOutput & { state: "running" | "exited"; exitCode: number | null }> {
  const { exitCode } = command;
  const state = exitCode === null ? "running" : "exited";
  return { state, exitCode, ...(await command.output(lines)) };
}
