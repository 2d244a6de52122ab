import * as z from "zod";

const ErrorAnswer = z.object({ error: z.object({ message: z.string() }) });

/** What an engine's answer that is no success holds; nothing, when something else than an engine gave it. */
export function readErrorAnswer(text: string): { json?: unknown; message?: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {}; // No JSON.
  }
  const { data } = ErrorAnswer.safeParse(json);
  return { json, ...(data && { message: data.error.message }) };
}
