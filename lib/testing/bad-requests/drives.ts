import type { BadRequest } from "./bad-request.ts";

/** Drives that cannot be made or looked at. */
export const DRIVES: readonly BadRequest[] = [
  {
    why: "a drive whose name is none",
    path: "/v2/sandboxes/drives/a%20b",
    json: {},
    status: 400,
    says: "`name`: a name starts with a letter or digit",
  },
  {
    why: "a drive of no size",
    path: "/v2/sandboxes/drives/data",
    json: { maxSizeBytes: 0 },
    status: 400,
    says: "`maxSizeBytes`",
  },
  {
    why: "a fork of a drive without a name",
    path: "/v2/sandboxes/drives/data/fork",
    json: {},
    status: 400,
    says: "`name`: expected string; it is missing",
  },
  {
    why: "a drive that is not there",
    method: "DELETE",
    path: "/v2/sandboxes/drives/none",
    status: 404,
    code: "not_found",
    says: "none",
  },
];
