import type { ProjectCommand } from "./project-sandbox.ts";

/** Waits for a command's end, for so long at most: whether it has ended. Throws the signal's reason when aborted. */
export async function endsWithin(
  command: Pick<ProjectCommand, "wait">,
  { milliseconds, signal }: { milliseconds: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const patience = AbortSignal.timeout(milliseconds);
  try {
    await command.wait({ signal: signal ? AbortSignal.any([signal, patience]) : patience });
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.aborted) return false;
    throw error;
  }
}
