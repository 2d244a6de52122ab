import { FAULTS, type FaultCode, SandboxError } from "../contract/errors.ts";
import { readErrorAnswer } from "./error-answer.ts";

/** An error as the host's own paths answer it. */
export function faultAnswer(code: FaultCode, message: string): Response {
  return Response.json({ error: { code, message } }, { status: FAULTS[code].status });
}

/** An error that an engine's process sent, or `engine_unavailable` for a code that is not known here. */
export function errorFrom({ code, message }: { code: string; message: string }): SandboxError {
  const known = Object.hasOwn(FAULTS, code) ? (code as FaultCode) : "engine_unavailable";
  return new SandboxError(known, message);
}

/** The error that an answer of an engine's host is; `engine_unavailable` when something else than an engine gave it. */
export async function errorOf(response: Response): Promise<SandboxError> {
  const {
    code = "engine_unavailable",
    message = `The engine answered with status ${response.status}.`,
  } = readErrorAnswer(await response.text());
  return errorFrom({ code, message });
}
