/** A request that must be refused, and how. `{session}` and `{command}` stand for the ids of living ones. */
export interface BadRequest {
  why: string;
  method?: string;
  path: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  status: number;
  code?: string;
  /** What the message must say: the field, what is wrong, or what to do. */
  says: string;
}

/** As many numbers, from 0. */
export const many = (count: number) => Array.from({ length: count }, (_, index) => index);
/** An object with as many entries. */
export const entries = (count: number) =>
  Object.fromEntries(many(count).map((index) => [`k${index}`, "v"]));

/** A sandbox that cannot be made so. */
export const create = (why: string, json: unknown, says: string): BadRequest => ({
  why,
  path: "/v3/sandboxes",
  json,
  status: 400,
  says,
});

/** A new sandbox's network policy. */
export const policy = (why: string, networkPolicy: unknown, says: string): BadRequest =>
  create(why, { networkPolicy }, says);

/** A command of a living session. */
export const command = (why: string, json: unknown, says: string): BadRequest => ({
  why,
  path: "/v2/sandboxes/sessions/{session}/cmd",
  json,
  status: 400,
  says,
});

/** A question without a body. */
export const list = (why: string, path: string, says: string): BadRequest => ({
  why,
  method: "GET",
  path,
  status: 400,
  says,
});
