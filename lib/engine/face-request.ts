import type * as z from "zod";
import { SandboxError } from "../contract/errors.ts";
import { explainIssues } from "../contract/explain-issues.ts";
import { LIMITS } from "../contract/limits.ts";

// What every face does with a request before it knows what is meant: reading it within bounds, and saying
// which field is wrong without repeating what may be a secret.

export type Fields = Record<string, unknown>;

/** One request, on the endpoint that it is for. */
export interface Call {
  request: Request;
  url: URL;
  /** A part of the path, decoded, by its name. */
  parameter: (name: string) => string;
}

export interface Endpoint {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As Hono writes paths. */
  path: string;
  answer: (call: Call) => Promise<Response>;
}

/**
 * The fields of a JSON body as they came. An empty body counts as `{}`. Throws `invalid_request`, `too_large`
 * or `unsupported_media_type`.
 */
export async function readFields(request: Request): Promise<Fields> {
  const text = await readText(request);
  if (text.trim() === "") return {};
  const type = mediaType(request);
  if (type !== undefined && type !== "application/json") {
    throw new SandboxError(
      "unsupported_media_type",
      `The body must be JSON and say so (content-type: application/json); it said ${type}.`,
    );
  }
  const value = parseJson(text);
  if (isFields(value)) return value;
  const given = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
  throw new SandboxError("invalid_request", `The body must be a JSON object; given was ${given}.`);
}

/** A checked copy of the fields. Throws `invalid_request` with a message that names the field. */
export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  fields: Fields,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw new SandboxError("invalid_request", explainIssues(parsed.error.issues, fields, what), {
    cause: parsed.error,
  });
}

/** The query's parameters, each of which may be given once. Throws `invalid_request`. */
export function queryFields(
  url: URL,
  { isIgnored = () => false }: { isIgnored?: (name: string) => boolean } = {},
): Fields {
  const fields: Fields = {};
  for (const name of new Set(url.searchParams.keys())) {
    if (isIgnored(name)) continue;
    const values = url.searchParams.getAll(name);
    if (values.length > 1) {
      throw new SandboxError(
        "invalid_request",
        `\`${name}\`: this parameter may be given once; given were ${values.length}.`,
      );
    }
    fields[name] = values[0];
  }
  return fields;
}

/** The media type without its parameters, in lower case. */
export function mediaType(request: Pick<Request, "headers">): string | undefined {
  return request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's message quotes the text, which may hold a secret: only the place is told.
    const place = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined;
    throw new SandboxError(
      "invalid_request",
      `The body is not valid JSON${place ? ` (the mistake is ${place})` : ""}.`,
      { cause: error },
    );
  }
}

async function readText(request: Request): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > LIMITS.jsonBodyBytes) throw tooLarge();
  if (request.body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of request.body) {
      bytes += chunk.byteLength;
      if (bytes > LIMITS.jsonBodyBytes) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    const code = error instanceof TypeError && "code" in error ? error.code : undefined;
    if (code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw error;
    throw new SandboxError("invalid_request", "The body is not valid UTF-8.", { cause: error });
  }
}

function tooLarge(): SandboxError {
  return new SandboxError(
    "too_large",
    `A JSON body may have ${LIMITS.jsonBodyBytes} bytes; this one has more. Files are sent by the paths for files.`,
  );
}
