import type * as daytona from "@daytona/sdk";
import { SandboxError } from "../../../contract/errors.ts";

/** What is used of Daytona's SDK. */
export type DaytonaSdk = Pick<
  typeof daytona,
  | "Daytona"
  | "DaytonaAuthenticationError"
  | "DaytonaConflictError"
  | "DaytonaError"
  | "DaytonaNotFoundError"
  | "DaytonaRateLimitError"
>;

/** What Daytona's SDK threw, in our words. A signal's own reason stays what it is. */
export function explain(sdk: DaytonaSdk, error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (SandboxError.is(error) || !(error instanceof Error)) return error;
  const message = `Daytona: ${error.message}`;
  const options = { cause: error };
  if (error instanceof sdk.DaytonaNotFoundError) {
    return new SandboxError("sandbox_not_found", message, options);
  }
  if (error instanceof sdk.DaytonaAuthenticationError) {
    const advice = "Set DAYTONA_API_KEY to a key of your organization.";
    return new SandboxError("engine_unavailable", `${message} ${advice}`, options);
  }
  if (error instanceof sdk.DaytonaConflictError) {
    return new SandboxError("name_taken", message, options);
  }
  if (error instanceof sdk.DaytonaRateLimitError) {
    return new SandboxError("too_many_sandboxes", message, options);
  }
  return new SandboxError("engine_unavailable", message, options);
}
