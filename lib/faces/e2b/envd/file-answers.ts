import type { FaultContext } from "../faults.ts";
import { failureOf } from "./connect-codes.ts";

/** An error of the plain endpoints, in the vendor's shape. */
export function refuseWith(status: number, message: string): Response {
  return Response.json({ code: status, message }, { status });
}

/** The same for whatever failed. */
export function failureAnswer(error: unknown, context: FaultContext): Response {
  const { status, message } = failureOf(error, context);
  return refuseWith(status, message);
}
