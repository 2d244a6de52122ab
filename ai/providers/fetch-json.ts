import type * as z from "zod";

export interface FetchOptions {
  timeoutMs: number;
  headers?: Record<string, string>;
  /** Sent by POST as JSON. */
  body?: unknown;
}

/** Why there is no answer, in a few words that hold no key. */
export class FetchFailure extends Error {
  readonly status: number | undefined;

  constructor(message: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.status = status;
  }
}

/** A JSON answer of the shape. Throws FetchFailure for every other, and when it takes too long. */
export async function fetchJson<Shape extends z.ZodType>(
  url: string,
  shape: Shape,
  { timeoutMs, headers = {}, body }: FetchOptions,
): Promise<z.output<Shape>> {
  const signal = AbortSignal.timeout(timeoutMs);
  let answer: unknown;
  try {
    const response = await fetch(url, {
      signal,
      // A key goes to the host for which it was given, and to no other.
      redirect: "error",
      headers: { accept: "application/json", ...headers, ...JSON_BODY[body ? "yes" : "no"] },
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new FetchFailure(`it answered with status ${response.status}`, {
        status: response.status,
      });
    }
    answer = await response.json();
  } catch (error) {
    if (error instanceof FetchFailure) throw error;
    const reason = signal.aborted ? "it did not answer in time" : "it could not be reached";
    throw new FetchFailure(reason, { cause: error });
  }
  const parsed = shape.safeParse(answer);
  if (!parsed.success) {
    throw new FetchFailure("its answer is not what was expected", { cause: parsed.error });
  }
  return parsed.data;
}

const JSON_BODY = { yes: { "content-type": "application/json" }, no: {} };
