import type * as z from "zod";
import { checkFields, queryFields, readFields } from "../../../engine/face-request.ts";

/** One request, on the endpoint that it is for. */
export interface Call {
  request: Request;
  url: URL;
  /** A part of the path, by its name. */
  parameter: (name: string) => string;
}

export interface Endpoint {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As Hono writes paths. */
  path: string;
  answer: (call: Call) => Promise<Response>;
}

/** The JSON body, checked. Throws `invalid_request` that names the field. */
export async function readBody<Schema extends z.ZodType>(
  { request }: Call,
  schema: Schema,
  what: string,
): Promise<z.output<Schema>> {
  return checkFields(schema, await readFields(request), what);
}

/** The query, checked. Throws `invalid_request` that names the parameter. */
export function readQuery<Schema extends z.ZodType>(
  { url }: Call,
  schema: Schema,
  what: string,
): z.output<Schema> {
  return checkFields(schema, queryFields(url), what);
}
