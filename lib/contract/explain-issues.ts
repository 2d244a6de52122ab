import type * as z from "zod";

type Issue = z.core.$ZodIssue;

// Values under these fields may be secrets, which an error message would carry into somebody's log.
const SECRET_FIELDS = new Set([
  "args",
  "body",
  "data",
  "env",
  "envVars",
  "envs",
  "headers",
  "password",
  "username",
  "value",
]);

// zod begins most messages with the kind of the mistake, which the field and the rest make plain.
const KIND = /^(?:Invalid [a-z]+|Too big|Too small): /;

const OBJECT = "an object";

/** One sentence per mistake: the field, what was expected there, and what was given. */
export function explainIssues(issues: readonly Issue[], input: unknown, what: string): string {
  return issues.map((issue) => explain(issue, input, what)).join(" ");
}

function explain(issue: Issue, input: unknown, what: string): string {
  if (issue.code === "unrecognized_keys") {
    const place = issue.path.length > 0 ? ` in \`${join(issue.path)}\`` : "";
    const keys = issue.keys.map((key) => `\`${key}\``).join(", ");
    const isNo = issue.keys.length > 1 ? "are no fields" : "is no field";
    return `${keys}${place} ${isNo} of ${what} that this server knows.`;
  }
  if (issue.code === "invalid_key") {
    const problems = issue.issues.map(({ message }) => message.replace(KIND, "")).join(", ");
    return `\`${join(issue.path)}\`: ${problems}.`;
  }
  const field = issue.path.length > 0 ? `\`${join(issue.path)}\`` : "The body";
  const given = lookUp(input, issue.path);
  // A rule about the parts of an object says which; that it is an object is no news.
  if (issue.code === "custom" && describe(given, issue.path) === OBJECT) {
    return `${field}: ${problem(issue)}.`;
  }
  const missing =
    given === undefined ? "it is missing" : `given was ${describe(given, issue.path)}`;
  return `${field}: ${problem(issue)}; ${missing}.`;
}

function problem(issue: Issue): string {
  if (issue.code === "invalid_type") return `expected ${issue.expected}`;
  if (issue.code === "invalid_union") return "expected one of the forms that are known here";
  return issue.message.replace(KIND, "");
}

function describe(value: unknown, path: readonly PropertyKey[]): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return "null";
  if (typeof value === "object") return OBJECT;
  const secret = path.some((part) => SECRET_FIELDS.has(String(part)));
  if (typeof value !== "string") return secret ? `a ${typeof value}` : JSON.stringify(value);
  if (secret) return `a text of ${value.length} characters`;
  return value.length <= 60 ? JSON.stringify(value) : `a text of ${value.length} characters`;
}

function lookUp(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, part)?.value;
  }
  return value;
}

function join(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}
