import { type BadRequest, many } from "./bad-request.ts";

/** The same in the dialect of the SDKs 0.x and 1.x. */
export const OLD_DIALECT: readonly BadRequest[] = [
  {
    why: "a name for a sandbox that has none",
    path: "/v1/sandboxes",
    json: { name: "box" },
    status: 400,
    says: "`name` is no field of a new sandbox",
  },
  {
    why: "too many ports in the older dialect",
    path: "/v1/sandboxes",
    json: { ports: many(16) },
    status: 400,
    says: "`ports",
  },
  {
    why: "a sandbox that is not there in the older dialect",
    method: "GET",
    path: "/v1/sandboxes/none",
    status: 404,
    code: "not_found",
    says: "none",
  },
  {
    why: "a signal of nothing in the older dialect",
    path: "/v1/sandboxes/box/{command}/kill",
    json: {},
    status: 400,
    says: "`signal`: expected number; it is missing",
  },
];
