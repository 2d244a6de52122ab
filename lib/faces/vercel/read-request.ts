import type * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { explainIssues } from "../../contract/explain-issues.ts";

export type Fields = Record<string, unknown>;

/** Fields by which clients name an account. There is one here, so they are read and mean nothing. */
const ACCOUNT_FIELDS = new Set(["projectId", "project", "teamId", "slug"]);

/**
 * A JSON body, checked: the schema's output. An empty body counts as `{}`. Keys that begin with `__` are
 * the vendor's private ones and are left out, like those that name an account. Throws `invalid_request`,
 * `too_large` or `unsupported_media_type` with a message that names the field.
 */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  what: string,
): Promise<z.output<Schema>> {
  return check(schema, withoutPrivate(await readFields(request)), what);
}

/** The fields of a JSON body as they came. */
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

/** A checked copy of the fields. Throws `invalid_request`. */
export function check<Schema extends z.ZodType>(
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

/** The query, checked. A parameter may be given once; private ones and those of an account are left out. */
export function readQuery<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  what: string,
): z.output<Schema> {
  const fields: Fields = {};
  for (const name of new Set(url.searchParams.keys())) {
    if (isPrivate(name)) continue;
    const values = url.searchParams.getAll(name);
    if (values.length > 1) {
      throw new SandboxError(
        "invalid_request",
        `\`${name}\`: this parameter may be given once; given were ${values.length}.`,
      );
    }
    fields[name] = values[0];
  }
  return check(schema, fields, what);
}

/** The media type without its parameters, in lower case. */
export function mediaType(request: Request): string | undefined {
  return request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
}

/** Fails a request that carries anything where nothing is expected; reads (and so frees) its body. */
export async function readNothing(request: Request, what: string): Promise<void> {
  const fields = withoutPrivate(await readFields(request));
  const [name] = Object.keys(fields);
  if (name === undefined) return;
  throw new SandboxError("invalid_request", `\`${name}\` is no field of ${what}, which has none.`);
}

export function withoutPrivate(fields: Fields): Fields {
  for (const name of ACCOUNT_FIELDS) {
    const value = fields[name];
    if (value === undefined || typeof value === "string") continue;
    throw new SandboxError(
      "invalid_request",
      `\`${name}\`: expected string; given was a ${typeof value}.`,
    );
  }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !isPrivate(name)));
}

function isPrivate(name: string): boolean {
  return name.startsWith("__") || ACCOUNT_FIELDS.has(name);
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
    `A JSON body may have ${LIMITS.jsonBodyBytes} bytes; this one has more. Files are sent by fs/write.`,
  );
}
