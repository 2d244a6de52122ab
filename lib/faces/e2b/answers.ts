import type { WireError } from "./faults.ts";

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...headers } });
}

/** An error as this vendor's clients read it; further fields are for those that know them. */
export function refusal(error: WireError & Record<string, unknown>): Response {
  return json(error, { status: error.code });
}

export function nothing(): Response {
  return new Response(null, { status: 204 });
}
