import type * as e2b from "e2b";
import { SandboxError } from "../../../contract/errors.ts";

/** What is used of e2b's SDK. */
export type E2bSdk = Pick<
  typeof e2b,
  | "AuthenticationError"
  | "CommandExitError"
  | "InvalidArgumentError"
  | "NotEnoughSpaceError"
  | "NotFoundError"
  | "RateLimitError"
  | "Sandbox"
  | "SandboxNotFoundError"
>;

/** What e2b's SDK threw, in our words. A signal's own reason stays what it is. */
export function explain(sdk: E2bSdk, error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (SandboxError.is(error) || !(error instanceof Error)) return error;
  const { message } = error;
  const options = { cause: error };
  if (error instanceof sdk.SandboxNotFoundError || error instanceof sdk.NotFoundError) {
    return new SandboxError("sandbox_not_found", `e2b: ${message}`, options);
  }
  if (error instanceof sdk.AuthenticationError) {
    const advice = "Set E2B_API_KEY to a key of your team.";
    return new SandboxError("engine_unavailable", `e2b: ${message} ${advice}`, options);
  }
  if (error instanceof sdk.RateLimitError) {
    return new SandboxError("too_many_sandboxes", `e2b: ${message}`, options);
  }
  if (error instanceof sdk.InvalidArgumentError) {
    return new SandboxError("invalid_request", `e2b: ${message}`, options);
  }
  if (error instanceof sdk.NotEnoughSpaceError) {
    return new SandboxError("storage_full", `e2b: ${message}`, options);
  }
  return new SandboxError("engine_unavailable", `e2b: ${message}`, options);
}
