import { LIMITS } from "../../contract/limits.ts";
import type { BadRequest } from "./bad-request.ts";

/** What is wrong with the body as such. */
export const BODIES: readonly BadRequest[] = [
  {
    why: "a body that is no JSON",
    path: "/v3/sandboxes",
    raw: '{"name":',
    headers: { "content-type": "application/json" },
    status: 400,
    says: "The body is not valid JSON",
  },
  {
    why: "a body that is a list",
    path: "/v3/sandboxes",
    json: [],
    status: 400,
    says: "must be a JSON object; given was a list",
  },
  {
    why: "a body that is null",
    path: "/v3/sandboxes",
    json: null,
    status: 400,
    says: "given was null",
  },
  {
    why: "a body that is a number",
    path: "/v3/sandboxes",
    json: 5,
    status: 400,
    says: "given was a number",
  },
  {
    why: "a body that is no UTF-8",
    path: "/v3/sandboxes",
    raw: new Uint8Array([0x22, 0xff, 0x22]),
    headers: { "content-type": "application/json" },
    status: 400,
    says: "not valid UTF-8",
  },
  {
    why: "a body that says it is a form",
    path: "/v3/sandboxes",
    raw: "name=box",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 415,
    code: "unsupported_media_type",
    says: "content-type: application/json",
  },
  {
    why: "JSON that says it is a text",
    path: "/v3/sandboxes",
    raw: "{}",
    headers: { "content-type": "text/plain" },
    status: 415,
    code: "unsupported_media_type",
    says: "it said text/plain",
  },
  {
    why: "a body that is too large",
    path: "/v3/sandboxes",
    raw: `{"name":"${"x".repeat(LIMITS.jsonBodyBytes)}"}`,
    headers: { "content-type": "application/json" },
    status: 413,
    code: "payload_too_large",
    says: `${LIMITS.jsonBodyBytes} bytes`,
  },
  {
    why: "an account that is a number",
    path: "/v3/sandboxes",
    json: { projectId: 5 },
    status: 400,
    says: "`projectId`: expected string",
  },
];
