import type { BadRequest } from "./bad-request.ts";

/** What cannot be asked of a sandbox that is there. */
export const LIVING_SANDBOXES: readonly BadRequest[] = [
  {
    why: "a change to a field that cannot be changed",
    method: "PATCH",
    path: "/v2/sandboxes/box",
    json: { env: {} },
    status: 400,
    says: "`env` is no field of a sandbox's settings",
  },
  {
    why: "a change of persistence to null",
    method: "PATCH",
    path: "/v2/sandboxes/box",
    json: { persistent: null },
    status: 400,
    says: "`persistent`: expected boolean; given was null",
  },
  {
    why: "a change of a sandbox that is not there",
    method: "PATCH",
    path: "/v2/sandboxes/none",
    json: { persistent: true },
    status: 404,
    code: "not_found",
    says: "none",
  },
  {
    why: "resume that is neither true nor false",
    method: "GET",
    path: "/v2/sandboxes/box?resume=1",
    status: 400,
    says: '`resume`: expected one of "true"|"false"; given was "1"',
  },
  {
    why: "a parameter that is not known",
    method: "GET",
    path: "/v2/sandboxes/box?resumed=true",
    status: 400,
    says: "`resumed` is no field",
  },
  {
    why: "a name that nothing can have",
    method: "GET",
    path: "/v2/sandboxes/a%2Fb",
    status: 404,
    code: "not_found",
    says: '"a/b"',
  },
  {
    why: "a fork with a source",
    path: "/v2/sandboxes/box/fork",
    json: { source: { type: "git", url: "x" } },
    status: 400,
    says: "`source` is no field of a fork",
  },
  {
    why: "a fork of nothing",
    path: "/v2/sandboxes/none/fork",
    json: {},
    status: 404,
    code: "not_found",
    says: "none",
  },
];
