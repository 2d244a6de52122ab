/** What the engine and the cloud put into answers of their own where no app listens at a port. */
const NOT_LISTENING = ["x-sandlot-error", "x-vercel-error"];

/** Whether an answer comes from the engine instead of an app. `has` looks for a header. */
export function isEngineAnswer(has: (header: string) => boolean): boolean {
  return NOT_LISTENING.some(has);
}

/**
 * Whether an app answers at the URL; any answer of its own counts, errors too. Throws the signal's reason when aborted
 * before there was one.
 */
export async function appAnswers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "HEAD", redirect: "manual", signal });
    await answer.body?.cancel();
    return !isEngineAnswer((header) => answer.headers.has(header));
  } catch {
    signal.throwIfAborted();
    return false; // Refused, cut off or not HTTP: no app that a preview could show.
  }
}
