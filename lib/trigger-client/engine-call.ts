import { APIError } from "@vercel/sandbox";
import { SandboxError } from "../contract/errors.ts";
import { readErrorAnswer } from "../host/error-answer.ts";
import { usesCloud } from "./engine-binding.ts";
import { engineFetch } from "./engine-fetch.ts";

export interface EngineQuestion {
  /** Below the session's own path, with the query. */
  path: string;
  sessionId: string;
  /** What is posted, as JSON; absent for a question. */
  body?: unknown;
  /** What the vendor's cloud has no answer to, as a sentence that says what to do instead. */
  notInCloud: string;
  signal?: AbortSignal | undefined;
}

/**
 * Asks the engine about a session what the vendor's client has no method for. The answer is a good one.
 * Throws `unsupported` in the vendor's cloud, and `APIError` as the vendor's client does.
 */
export async function askEngine(question: EngineQuestion): Promise<Response> {
  const { path, sessionId, body, notInCloud, signal } = question;
  if (usesCloud()) throw new SandboxError("unsupported", notInCloud);
  const session = `/v2/sandboxes/sessions/${encodeURIComponent(sessionId)}`;
  const response = await engineFetch(`https://api.vercel.com${session}/${path}`, {
    ...(signal && { signal }),
    ...(body !== undefined && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  if (response.ok) return response;
  const text = await response.text();
  const { json, message } = readErrorAnswer(text);
  throw new APIError(response, {
    message: `Status code ${response.status} is not ok${message === undefined ? "" : `: ${message}`}`,
    text,
    json,
    sessionId,
  });
}
