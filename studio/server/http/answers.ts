import type * as z from "zod";
import { type ErrorAnswer, STUDIO_FAULTS, StudioError } from "../../contract/errors.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import { toStudioError } from "./to-studio-error.ts";

/** A route's work as a handler of Next: what it throws becomes an answer with a code and a sentence. */
export function route<Arguments extends unknown[]>(
  answer: (...call: Arguments) => Promise<Response>,
): (...call: Arguments) => Promise<Response> {
  return async (...call) => {
    try {
      return await answer(...call);
    } catch (error) {
      return errorAnswer(error);
    }
  };
}

function errorAnswer(error: unknown): Response {
  const { code, message, field } = toStudioError(error);
  // People are told what went wrong; whoever runs the studio sees where.
  if (code === "internal") console.error(error);
  const body: ErrorAnswer = { error: { code, message, ...(field !== undefined && { field }) } };
  return Response.json(body, { status: STUDIO_FAULTS[code].status });
}

/** The request's JSON, parsed. Throws `bad_request` with the field that is wrong. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const bytes = await readBody(request, STUDIO_LIMITS.jsonBodyBytes);
  let value: unknown;
  try {
    value = bytes.length === 0 ? {} : JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new StudioError("bad_request", "The request's body is not JSON.", { cause: error });
  }
  return parse(schema, value);
}

/** The request's bytes. Throws `too_large` as soon as there are more than that. */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.byteLength;
    if (size > limitBytes) {
      throw new StudioError(
        "too_large",
        `The request is larger than ${limitBytes} bytes, which is the most that is taken here.`,
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The query's values, parsed. Throws `bad_request` with the field that is wrong. */
export function readQuery<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  return parse(schema, Object.fromEntries(new URL(request.url).searchParams));
}

/** Throws `bad_request`, which names the first field that is wrong. */
function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const field = [...(issue?.path ?? []), ...unknownKey].join(".");
  const what = field === "" ? "The request" : `The field ${field}`;
  throw new StudioError(
    "bad_request",
    `${what} is not right: ${issue?.message ?? "see its form"}.`,
    {
      ...(field !== "" && { field }),
      cause: result.error,
    },
  );
}
