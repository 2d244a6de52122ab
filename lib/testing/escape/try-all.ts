import type { NamespacesIsolationOptions } from "../../backends/isolation/namespaces/namespaces-isolation.ts";
import { ATTEMPTS } from "./attempts.ts";
import { EscapeBench, OF_THE_ENGINE, whyNotHere } from "./escape-bench.ts";
import type { Outcome } from "./try-attempt.ts";

/** Each has a sandbox and an outside of its own, and waits more than it works. */
const AT_ONCE = 4;

/** Makes all attempts as the user that runs this process. */
export async function tryAll(
  cacheDirectory: string,
): Promise<Record<string, Outcome | { failed: string }>> {
  process.env["OF_THE_ENGINE"] = OF_THE_ENGINE;
  const outcomes: Record<string, Outcome | { failed: string }> = {};
  const alive = stayAlive();
  try {
    await using bench = await EscapeBench.make("namespaces", { cacheDirectory });
    const waiting = Object.entries(ATTEMPTS).values();
    const tryNext = async () => {
      for (const [name, attempt] of waiting) {
        if (whyNotHere(attempt) !== undefined) continue;
        outcomes[name] = await bench
          .try(attempt)
          .catch((error: unknown) => ({ failed: String(error) }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, tryNext));
  } finally {
    clearInterval(alive);
  }
  return outcomes;
}

/** Makes one attempt with an engine that was started just as this process was. */
export async function tryTitled(
  title: string,
  changed: Partial<NamespacesIsolationOptions>,
): Promise<Outcome> {
  const attempt = Object.values(ATTEMPTS).find((each) => each.title === title);
  if (!attempt) throw new Error(`No attempt "${title}" is known.`);
  const alive = stayAlive();
  try {
    await using bench = await EscapeBench.make("namespaces", changed);
    return await bench.tryHere(attempt);
  } finally {
    clearInterval(alive);
  }
}

/** Nothing else keeps the process alive while it waits for what the backend does not keep it alive for. */
function stayAlive(): NodeJS.Timeout {
  return setInterval(() => undefined, 60_000);
}
