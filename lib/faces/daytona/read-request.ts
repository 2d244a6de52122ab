import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { checkFields, queryFields, readFields } from "../../engine/face-request.ts";
import { DaytonaFault } from "./faults.ts";
import { TOKEN_QUERY } from "./credentials.ts";

/** A yes or no in a query or a path. */
export const Flag = z.enum(["true", "false"]).transform((word) => word === "true");
/** A moment in a query, in milliseconds since the epoch. */
export const Time = z.coerce.date().transform((date) => date.getTime());
/** How many items of a list are asked for in one page. */
export const PageSize = z.coerce.number().pipe(z.int().min(1)).default(100);

/** Parameters that prove who asks, on whatever is asked. */
const PROOFS = new Set([TOKEN_QUERY, "expires", "signature"]);

/**
 * A JSON body, checked. Fields that are not known are left out: the vendor's own clients send some that its
 * servers do not take. Throws the toolbox's own fault, which its clients know.
 */
export async function readToolboxJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  what: string,
): Promise<z.output<Schema>> {
  try {
    return await readJson(request, schema, what);
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "invalid_request") throw error;
    throw new DaytonaFault(
      { status: 400, code: "INVALID_REQUEST_BODY" },
      `invalid request body: ${error.message}`,
      { cause: error },
    );
  }
}

/** The same with the API's fault. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  what: string,
): Promise<z.output<Schema>> {
  return checkFields(schema, await readFields(request), what);
}

/** The query, checked. */
export function readQuery<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  what: string,
): z.output<Schema> {
  return checkFields(schema, queryFields(url, { isIgnored: (name) => PROOFS.has(name) }), what);
}

/** A parameter that is given several times as one list with commas: clients of this vendor repeat it. */
export function joinRepeated(url: URL): URL {
  const joined = new URL(url);
  for (const name of new Set(url.searchParams.keys())) {
    joined.searchParams.set(name, url.searchParams.getAll(name).join(","));
  }
  return joined;
}
