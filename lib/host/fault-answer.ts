import { FAULTS, type FaultCode, SandboxError } from "../contract/errors.ts";

/** An error that an engine's process sent, or `engine_unavailable` for a code that is not known here. */
export function errorFrom({ code, message }: { code: string; message: string }): SandboxError {
  return new SandboxError(code in FAULTS ? (code as FaultCode) : "engine_unavailable", message);
}
