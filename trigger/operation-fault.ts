import { APIError, StreamError } from "sandlot";
import {
  explainIssues,
  FAULTS,
  type FaultCode,
  type OperationError,
  SandboxError,
} from "sandlot/contract";
import * as z from "zod";

/** A failure that an operation foresees: it becomes the run's result, word for word. */
export class OperationFault extends Error {
  override readonly name = "OperationFault";
  readonly error: OperationError;

  constructor(error: OperationError, options?: ErrorOptions) {
    super(error.message, options);
    this.error = error;
  }
}

const Answer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The codes of the Vercel Sandbox API that are not ours as they are. */
const BY_WIRE_CODE: Readonly<Record<string, FaultCode>> = {
  bad_request: "invalid_request",
  conflict: "name_taken",
  payload_too_large: "too_large",
  rate_limited: "too_many_sandboxes",
  internal_server_error: "internal",
  sandbox_not_listening: "port_not_listening",
  service_unavailable: "engine_unavailable",
  gateway_timeout: "engine_unavailable",
  snapshot_not_found: "snapshot_gone",
};

/**
 * A failure as a result tells it, or undefined for one that nobody foresaw. `notFound` says what the call looked for:
 * the API has one word for all that is not there.
 */
export function operationError(
  error: unknown,
  { asked, notFound = "not_found" }: { asked: string; notFound?: FaultCode },
): OperationError | undefined {
  if (error instanceof OperationFault) return error.error;
  if (SandboxError.is(error)) return fault(error.code, asked, error.message);
  if (error instanceof StreamError) return fault(ourCode(error.code), asked, error.message);
  if (!(error instanceof APIError)) return undefined;
  const answer = Answer.safeParse(error.json).data?.error;
  if (!answer) return fault("engine_unavailable", asked, error.message);
  const code = answer.code === "not_found" ? notFound : ourCode(answer.code);
  return fault(code, asked, answer.message);
}

/** The failure with that code, as an error to throw. */
export function faultOf(code: FaultCode, asked: string, reason: string): OperationFault {
  return new OperationFault(fault(code, asked, reason));
}

/** What of a payload cannot be used: a sentence for each field. Values that may be secrets are not repeated. */
export function payloadError(task: string, { issues }: z.ZodError, given: unknown): OperationError {
  const field = issues[0]?.path.map(String).join(".");
  return {
    code: "invalid_request",
    message: `The payload for ${task} cannot be used. ${explainIssues(issues, given, "the payload")}`,
    ...(field && { field }),
    retryable: false,
  };
}

function fault(code: FaultCode, asked: string, reason: string): OperationError {
  const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  return {
    code,
    message: `Could not ${asked}: ${sentence}`,
    retryable: FAULTS[code].retryable,
  };
}

function ourCode(wireCode: string): FaultCode {
  const known = BY_WIRE_CODE[wireCode];
  if (known) return known;
  return wireCode in FAULTS ? (wireCode as FaultCode) : "internal";
}
