import { type BadRequest, policy } from "./bad-request.ts";

/** Network policies that mean nothing. */
export const NETWORK_POLICIES: readonly BadRequest[] = [
  policy("a policy that is a text", "deny-all", "`networkPolicy`: expected object"),
  policy(
    "a policy of no known mode",
    { mode: "closed" },
    "`networkPolicy.mode`: expected allow-all, deny-all or custom",
  ),
  policy(
    "a mode with more beside it",
    { mode: "deny-all", allow: ["a.example"] },
    "`allow` in `networkPolicy` is no field",
  ),
  policy(
    "a domain that is a URL",
    { allow: ["https://a.example/"] },
    "`networkPolicy.allow.0`: expected a domain such as example.com",
  ),
  policy("a domain that is empty", { allow: { "": [] } }, "expected a domain"),
  policy(
    "a range that is none",
    { subnets: { deny: ["10.0.0.0/33"] } },
    "`networkPolicy.subnets.deny.0`: expected a range of addresses",
  ),
  policy(
    "a rule that does nothing",
    { allow: { "a.example": [{}] } },
    "exactly one of transform, forwardURL, or response",
  ),
  policy(
    "a rule that does two things",
    { allow: { "a.example": [{ transform: [], forwardURL: "https://b.example" }] } },
    "exactly one of transform, forwardURL, or response",
  ),
  policy(
    "a forward to no URL",
    { allow: { "a.example": [{ forwardURL: "b.example" }] } },
    "`networkPolicy.allow.a.example.0.forwardURL`",
  ),
  policy(
    "a matcher of two kinds",
    { allow: { "a.example": [{ match: { path: { exact: "/", regex: "." } }, transform: [] }] } },
    "give exactly one of exact, startsWith or regex",
  ),
  policy(
    "a response with a body and no type",
    { allow: { "a.example": [{ response: { statusCode: 200, body: "x" } }] } },
    "contentType must be provided",
  ),
  {
    ...policy(
      "a session's policy of no known mode",
      undefined,
      "`mode`: expected allow-all, deny-all or custom",
    ),
    path: "/v2/sandboxes/sessions/{session}/network-policy",
    json: { mode: "open" },
  },
];
