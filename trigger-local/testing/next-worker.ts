import type { DevCli } from "../cli/dev-cli.ts";
import type { RunningPlatform } from "../platform.ts";

/** Waits until the CLI has registered its tasks. Ends it and throws with what it said when it does not come to that. */
export async function nextWorker(
  { engine }: RunningPlatform,
  cli: DevCli,
  said: () => string,
): Promise<void> {
  const before = engine.workers.latest?.id;
  const gone = new AbortController();
  void cli.exited.then(() => gone.abort());
  try {
    while (engine.workers.latest?.id === before) {
      await engine.changes.next("workers", { timeoutMs: 120_000, signal: gone.signal });
    }
  } catch (error) {
    await cli[Symbol.asyncDispose]();
    throw new Error(`trigger dev ended before it had registered the tasks. It said:\n${said()}`, {
      cause: error,
    });
  }
}
