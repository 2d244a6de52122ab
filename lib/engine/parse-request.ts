import type * as z from "zod";
import { SandboxError } from "../contract/errors.ts";

/** The request with its defaults filled in. Throws `invalid_request` that names each wrong field. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  request: unknown,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const field = issue.path.length > 0 ? issue.path.join(".") : what;
    return `${field}: ${issue.message}`;
  });
  throw new SandboxError("invalid_request", problems.join("; "), { cause: parsed.error });
}
