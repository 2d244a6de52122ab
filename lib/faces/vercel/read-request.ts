import type * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { checkFields, type Fields, queryFields, readFields } from "../../engine/face-request.ts";

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
  return checkFields(schema, withoutPrivate(await readFields(request)), what);
}

/** The query, checked. A parameter may be given once; private ones and those of an account are left out. */
export function readQuery<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  what: string,
): z.output<Schema> {
  return checkFields(schema, queryFields(url, { isIgnored: isPrivate }), what);
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
