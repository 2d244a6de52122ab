import * as z from "zod";

/**
 * A value whose form decides what it is checked against. Unlike a union of zod's, a mistake is told in
 * the words of the form that was meant, not in those of every form.
 */
export function chooseSchema<Output>(
  pick: (value: unknown) => z.ZodType<Output>,
): z.ZodType<Output> {
  return z.unknown().transform((value, context) => {
    const parsed = pick(value).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const { message, ...rest } = issue;
      context.issues.push({ ...rest, message, input: value } as z.core.$ZodRawIssue);
    }
    return z.NEVER;
  });
}
