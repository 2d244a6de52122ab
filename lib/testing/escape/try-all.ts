import { ATTEMPTS } from "./attempts.ts";
import { EscapeBench, OF_THE_ENGINE, whyNotHere } from "./escape-bench.ts";
import type { Outcome } from "./try-attempt.ts";

/** Makes all attempts as the user that runs this process, except for those named. */
export async function tryAll(
  excused: readonly string[],
  cacheDirectory: string,
): Promise<Record<string, Outcome | { failed: string }>> {
  process.env["OF_THE_ENGINE"] = OF_THE_ENGINE;
  // Nothing else keeps this process alive while it waits for what the backend does not keep it alive for.
  const alive = setInterval(() => undefined, 60_000);
  const outcomes: Record<string, Outcome | { failed: string }> = {};
  try {
    await using bench = await EscapeBench.make("namespaces", { cacheDirectory });
    for (const [name, attempt] of Object.entries(ATTEMPTS)) {
      if (excused.includes(name) || whyNotHere(attempt) !== undefined) continue;
      outcomes[name] = await bench
        .try(attempt)
        .catch((error: unknown) => ({ failed: String(error) }));
    }
  } finally {
    clearInterval(alive);
  }
  return outcomes;
}
