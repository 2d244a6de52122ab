import type * as z from "zod";
import { ErrorAnswer, StudioError } from "@/studio/contract/errors.ts";

/** What a page says while nobody answers. */
export const STUDIO_AWAY =
  "The studio does not answer. If it has ended, start it again with “npm start”; this page then goes on by itself.";

/** What a request to the studio takes besides its address. */
export interface RequestOptions {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: BodyInit;
  signal?: AbortSignal;
}

/**
 * Asks one of the studio's routes. Throws a `StudioError` whose message can be shown as it is, for every answer
 * that is no success and where nobody answers; throws the signal's reason when aborted.
 */
export async function request(url: string, options: RequestOptions = {}): Promise<Response> {
  const { method = "GET", json, body, signal } = options;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      cache: "no-store",
      ...(json === undefined
        ? {}
        : { body: JSON.stringify(json), headers: { "content-type": "application/json" } }),
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new StudioError("upstream", STUDIO_AWAY, { cause: error });
  }
  if (!response.ok) throw await toError(response);
  return response;
}

/** The same for routes that answer with JSON. Throws a `StudioError`, too, if the answer has another shape. */
export async function requestJson<Schema extends z.ZodType>(
  schema: Schema,
  url: string,
  options: RequestOptions = {},
): Promise<z.output<Schema>> {
  const response = await request(url, options);
  const parsed = schema.safeParse(await response.json());
  if (parsed.success) return parsed.data;
  throw new StudioError(
    "internal",
    "The studio's answer was not understood. This page may be older than the studio: reload it.",
    { cause: parsed.error },
  );
}

/** Reads the studio's own words out of an answer that is no success. */
export async function toError(response: Response): Promise<StudioError> {
  const text = await response.text();
  const answer = ErrorAnswer.safeParse(parseJson(text));
  if (answer.success) {
    const { code, message, field } = answer.data.error;
    return new StudioError(code, message, { field });
  }
  return new StudioError(
    "internal",
    `The studio answered with the status ${response.status}. Try again; if it stays, look at the studio's own output in the terminal.`,
  );
}

/** A sentence for people, of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: a page of a proxy, or nothing at all.
    return undefined;
  }
}
