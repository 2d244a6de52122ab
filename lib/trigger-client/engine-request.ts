import type * as z from "zod";
import { SandboxError, type FaultCode } from "../contract/errors.ts";
import { readErrorAnswer } from "../host/error-answer.ts";
import { VERCEL_PREFIX } from "../host/vercel-prefix.ts";
import { sharedTransport } from "../host/shared-transport.ts";

/** Asks the engine at a path of the vendor's API. Throws SandboxError for every answer but a success. */
export async function ask(path: string, { signal }: { signal: AbortSignal }): Promise<Response> {
  const response = await sharedTransport().fetch(`${VERCEL_PREFIX}${path}`, { signal });
  if (response.ok) return response;
  const { code, message } = await readFault(response);
  throw new SandboxError(code, message);
}

/** The answer's JSON. Throws `internal` when it is not what the schema says. */
export async function readJson<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await response.json());
  if (parsed.success) return parsed.data;
  throw new SandboxError(
    "internal",
    "The engine gave an answer that this version of the command does not understand.",
    { cause: parsed.error },
  );
}

const CODES: Record<number, FaultCode> = {
  400: "invalid_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  410: "sandbox_stopped",
  503: "engine_unavailable",
};

async function readFault(response: Response): Promise<{ code: FaultCode; message: string }> {
  const { message } = readErrorAnswer(await response.text());
  return {
    code: CODES[response.status] ?? "internal",
    message: message ?? `The engine answered with status ${response.status}.`,
  };
}
