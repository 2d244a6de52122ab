import * as z from "zod";

const ErrorAnswer = z.object({
  error: z.object({ message: z.string(), code: z.string().optional().catch(undefined) }),
});

/** What an engine's answer that is no success holds; nothing, when something else than an engine gave it. */
export function readErrorAnswer(text: string): { json?: unknown; code?: string; message?: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {}; // No JSON.
  }
  const { data } = ErrorAnswer.safeParse(json);
  if (!data) return { json };
  const { code, message } = data.error;
  return { json, message, ...(code !== undefined && { code }) };
}
