import { SandboxError } from "../contract/errors.ts";

/** What went wrong in words for a person: the engine's own message where there is one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (SandboxError.is(error)) return error.message;
  // The vendor's APIError says "Status code 404 is not ok"; the answer's own words say more.
  if ("json" in error && isErrorBody(error.json)) return error.json.error.message;
  return error.message;
}

function isErrorBody(value: unknown): value is { error: { message: string } } {
  return (
    typeof value === "object" &&
    value !== null &&
    "error" in value &&
    typeof value.error === "object" &&
    value.error !== null &&
    "message" in value.error &&
    typeof value.error.message === "string"
  );
}
