import type { Command } from "sandlot";

/** Output of which nothing more came for so long is taken as all that there is so far: a live log has no end to wait for. */
const QUIET_MS = 250;
/** A command that writes without a pause is read for so long. */
const READ_AT_MOST_MS = 2_000;

/** What a running command has written, where nobody can be asked how much that is: its live log, until it is quiet for a moment. */
export async function* outputUntilQuiet(
  command: Command,
  { signal, quietMs = QUIET_MS }: { signal: AbortSignal | undefined; quietMs?: number },
): AsyncGenerator<{ stream: "stdout" | "stderr"; data: string }, void, void> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  const limit = setTimeout(stop, READ_AT_MOST_MS);
  const quiet = setTimeout(stop, quietMs);
  signal?.addEventListener("abort", stop);
  try {
    for await (const piece of command.logs({ signal: enough.signal })) {
      yield piece;
      quiet.refresh();
    }
  } catch (error) {
    // Leaving is how it ends: the log of a running command does not.
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(limit);
    clearTimeout(quiet);
    signal?.removeEventListener("abort", stop);
  }
  signal?.throwIfAborted();
}
