const BAD_GATEWAY = 502;
// A server that takes a request and is slow to answer it does listen.
const PATIENCE_MS = 2_000;

/** Whether an app answers there. Never rejects. */
export async function isListening(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.body?.cancel();
    // The engine's and the cloud's own answer for a port behind which there is nothing.
    return answer.status !== BAD_GATEWAY || !isEngineAnswer(answer);
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError";
  }
}

function isEngineAnswer({ headers }: Response): boolean {
  return headers.has("x-sandlot-error") || headers.has("x-vercel-error");
}
