import { appAnswers } from "./ask-app.ts";
import { endsWithin } from "./ends-within.ts";
import type { ProjectCommand } from "./project-sandbox.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

/** Most of what goes wrong with a server goes wrong at once, so its start is worth a wait; what says nothing by then just runs. */
const START_MS = 1_000;
/** For an answer of a port that may have one already. The engine says at once that there is none. */
const LOOK_MS = 2_000;

/** Those of the URLs at which nothing answers: an app that answers there later has just been started. */
export async function silentUrls(urls: readonly string[]): Promise<string[]> {
  const answered = await Promise.all(
    urls.map((url) => appAnswers(url, AbortSignal.timeout(LOOK_MS)).catch(() => false)), // None in time is none.
  );
  return urls.filter((_url, index) => !answered[index]);
}

/**
 * Resolves when a command that was put into the background has ended, or an app answers at one of the URLs, or it has been
 * watched long enough. Throws the signal's reason when aborted.
 */
export async function watchStart(
  command: Pick<ProjectCommand, "wait">,
  {
    urls,
    signal,
    patienceMs = START_MS,
  }: { urls: readonly string[]; signal: AbortSignal | undefined; patienceMs?: number },
): Promise<void> {
  const isUp = new AbortController();
  const either = signal ? AbortSignal.any([signal, isUp.signal]) : isUp.signal;
  // Settled as a whole: one may fail, by the abort, long before the command's own wait does.
  const looks = Promise.allSettled(
    urls.map(async (url) => {
      if (await waitForAnswer(url, { signal: either, patienceMs })) isUp.abort();
    }),
  );
  try {
    await endsWithin(command, { milliseconds: patienceMs, signal: either });
  } catch (error) {
    if (!isUp.signal.aborted) throw error;
  } finally {
    isUp.abort();
    await looks;
  }
  signal?.throwIfAborted();
}
