import { type NextRequest, NextResponse } from "next/server";
import type { ErrorAnswer } from "./studio/contract/errors.ts";
import { allowedHosts } from "./studio/server/allowed-hosts.ts";
import { refusal } from "./studio/server/http/request-guard.ts";

const FORBIDDEN = 403;
const HEADERS = {
  // Nobody shows the studio in a frame, and it sends nobody where it is.
  "content-security-policy":
    "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Stands before every page and route: refuses what comes from other sites or under other names. */
export function proxy(request: NextRequest): NextResponse {
  const { method, headers, nextUrl } = request;
  const message = refusal({ method, path: nextUrl.pathname, headers }, allowedHosts());
  if (message !== undefined) {
    const body: ErrorAnswer = { error: { code: "forbidden", message } };
    return NextResponse.json(body, { status: FORBIDDEN, headers: HEADERS });
  }
  const answer = NextResponse.next();
  for (const [name, value] of Object.entries(HEADERS)) answer.headers.set(name, value);
  return answer;
}
