import { RE2JS } from "re2js";
import { SandboxError } from "../../../../../contract/errors.ts";
import type { TextMatcher } from "../../../../../contract/network-policy.ts";

/** Tells whether a text is the one that a matcher means. */
export type TextTest = (text: string) => boolean;

/**
 * Makes a matcher ready. A regular expression need not cover the whole text, and takes time in proportion to
 * it, whatever the expression. Throws `invalid_request` for one that is not RE2's.
 */
export function textTest(
  { exact, startsWith, regex }: TextMatcher,
  { ignoreCase = false }: { ignoreCase?: boolean } = {},
): TextTest {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  if (exact !== undefined) return (text) => fold(text) === fold(exact);
  if (startsWith !== undefined) return (text) => fold(text).startsWith(fold(startsWith));
  const expression = compile(regex ?? "", ignoreCase);
  return (text) => expression.matcher(text).find();
}

function compile(regex: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(regex, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw new SandboxError(
      "invalid_request",
      `"${regex}" is no regular expression in RE2's syntax. Look-around and back-references are not part of it.`,
      { cause: error },
    );
  }
}
