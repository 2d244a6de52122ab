import type * as z from "zod";
import { type Call, checkFields, queryFields, readFields } from "../../../engine/face-request.ts";

/** The JSON body, checked; an empty one counts as `{}`. Throws `invalid_request` that names the field, `too_large`. */
export async function readBody<Schema extends z.ZodType>(
  { request }: Pick<Call, "request">,
  schema: Schema,
  what: string,
): Promise<z.output<Schema>> {
  return checkFields(schema, await readFields(request), what);
}

/** The query, checked. Throws `invalid_request` that names the parameter. */
export function readQuery<Schema extends z.ZodType>(
  { url }: Pick<Call, "url">,
  schema: Schema,
  what: string,
): z.output<Schema> {
  return checkFields(schema, queryFields(url), what);
}
