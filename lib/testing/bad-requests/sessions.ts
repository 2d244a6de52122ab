import type { BadRequest } from "./bad-request.ts";

/** What cannot be asked of a session. */
export const SESSIONS: readonly BadRequest[] = [
  {
    why: "a session that is not there",
    path: "/v2/sandboxes/sessions/sbx_none/stop",
    status: 404,
    code: "not_found",
    says: "sbx_none",
  },
  {
    why: "a stop with an order in it",
    path: "/v2/sandboxes/sessions/{session}/stop",
    json: { force: true },
    status: 400,
    says: "`force` is no field of stopping a session",
  },
  {
    why: "an extension that is too short",
    path: "/v2/sandboxes/sessions/{session}/extend-timeout",
    json: { duration: 999 },
    status: 400,
    says: "`duration`: expected number to be >=1000",
  },
  {
    why: "an extension of nothing",
    path: "/v2/sandboxes/sessions/{session}/extend-timeout",
    json: {},
    status: 400,
    says: "`duration`: expected number; it is missing",
  },
  {
    why: "an extension beyond the limit",
    path: "/v2/sandboxes/sessions/{session}/extend-timeout",
    json: { duration: 5 * 86_400_000 },
    status: 400,
    code: "sandbox_timeout_invalid",
    says: "in all (24 hours)",
  },
  {
    why: "a snapshot with a negative expiry",
    path: "/v2/sandboxes/sessions/{session}/snapshot",
    json: { expiration: -1 },
    status: 400,
    says: "`expiration`",
  },
  {
    why: "a terminal with a size",
    path: "/v2/sandboxes/sessions/{session}/interactive",
    json: { cols: 80 },
    status: 400,
    says: "`cols` is no field of opening a terminal",
  },
];
