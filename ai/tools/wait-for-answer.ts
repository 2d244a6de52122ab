import { setTimeout as pause } from "node:timers/promises";
import { appAnswers } from "./ask-app.ts";

/** Another machine's port cannot be waited for, only asked; so seldom costs nothing and so often is not felt. */
const ASK_EVERY_MS = 150;

/** Whether an app answers at the URL, now or soon. Throws the signal's reason when aborted. */
export async function waitForAnswer(
  url: string,
  { signal, patienceMs }: { signal?: AbortSignal | undefined; patienceMs: number },
): Promise<boolean> {
  const patience = AbortSignal.timeout(patienceMs);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  try {
    while (!(await appAnswers(url, either))) {
      await pause(ASK_EVERY_MS, undefined, { signal: either });
    }
    return true;
  } catch {
    // The only way to fail is an abort.
    signal?.throwIfAborted();
    return false;
  }
}
