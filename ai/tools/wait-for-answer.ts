import { setTimeout as pause } from "node:timers/promises";

/** What the engine puts into an answer of its own when nothing listens at a port. */
const NOT_LISTENING = "x-sandlot-error";
const CLOUD_NOT_LISTENING = "x-vercel-error";
/** Another machine's port cannot be waited for, only asked; so seldom costs nothing and so often is not felt. */
const ASK_EVERY_MS = 150;

/** Whether an app answers at the URL, now or soon; any answer of its own counts, errors too. */
export async function waitForAnswer(
  url: string,
  { signal, patienceMs }: { signal?: AbortSignal | undefined; patienceMs: number },
): Promise<boolean> {
  const patience = AbortSignal.timeout(patienceMs);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  while (!either.aborted) {
    if (await answers(url, either)) return true;
    // The only way to fail is the abort, which the loop sees.
    await pause(ASK_EVERY_MS, undefined, { signal: either }).catch(() => undefined);
  }
  signal?.throwIfAborted();
  return false;
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal, redirect: "manual" });
    await response.body?.cancel();
    return !response.headers.has(NOT_LISTENING) && !response.headers.has(CLOUD_NOT_LISTENING);
  } catch {
    return false; // Refused, cut off or not HTTP: no app that a preview could show.
  }
}
