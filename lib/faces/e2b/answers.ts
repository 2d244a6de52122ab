import type { WireError } from "./faults.ts";

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...headers } });
}

/** An error as this vendor's clients read it. Which sandbox and port are meant is told by whoever stands before them. */
export function refusal(error: WireError & { sandboxId?: string; port?: number }): Response {
  return json(error, { status: error.code });
}

export function nothing(): Response {
  return new Response(null, { status: 204 });
}
