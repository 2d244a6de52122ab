import type * as z from "zod";
import { RequestError } from "../engine/request-error.ts";

/** The JSON of a request, as the schema has it; `{}` for no body. Throws a 400 that says what is wrong. */
export async function readBody<Schema extends { parse: (value: unknown) => unknown }>(
  request: Request,
  schema: Schema,
): Promise<ReturnType<Schema["parse"]> & {}> {
  const text = await request.text();
  return parse(schema, text === "" ? {} : parseJson(text));
}

/** The value as the schema has it. Throws a 400 that says what is wrong. */
export function parse<Schema extends { parse: (value: unknown) => unknown }>(
  schema: Schema,
  value: unknown,
): ReturnType<Schema["parse"]> & {} {
  try {
    return schema.parse(value) as ReturnType<Schema["parse"]> & {};
  } catch (error) {
    throw new RequestError(400, `The request is not understood: ${reasons(error)}`);
  }
}

/** The JSON of a text. Throws a 400 for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError(400, "The request's body is not JSON.");
  }
}

// The vendor's schemas may be of another copy of zod, so their errors are known by what they hold.
function reasons(error: unknown): string {
  const issues: z.core.$ZodIssue[] | undefined =
    error instanceof Error && "issues" in error && Array.isArray(error.issues)
      ? error.issues
      : undefined;
  if (!issues) throw error;
  return issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ");
}
