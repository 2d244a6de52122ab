import type { BadRequest } from "./bad-request.ts";

/** Paths that lead nowhere. */
export const PATHS: readonly BadRequest[] = [
  {
    why: "a path that is none of the API's",
    method: "GET",
    path: "/v2/boxes",
    status: 404,
    code: "not_found",
    says: "/v2/boxes",
  },
  {
    why: "a version that is not there",
    method: "GET",
    path: "/v9/sandboxes",
    status: 404,
    code: "not_found",
    says: "/v1, /v2 or /v3",
  },
  {
    why: "a method that is not answered",
    method: "PUT",
    path: "/v2/sandboxes/box",
    json: {},
    status: 405,
    code: "method_not_allowed",
    says: "use GET, PATCH, DELETE",
  },
  {
    why: "a list that is deleted",
    method: "DELETE",
    path: "/v2/sandboxes",
    status: 405,
    code: "method_not_allowed",
    says: "use GET, POST",
  },
  {
    why: "a word of the API taken for a name",
    path: "/v2/sandboxes/sessions",
    json: {},
    status: 405,
    code: "method_not_allowed",
    says: "use GET",
  },
];
