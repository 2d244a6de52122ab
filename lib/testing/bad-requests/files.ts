import { LIMITS } from "../../contract/limits.ts";
import type { BadRequest } from "./bad-request.ts";

/** Files that cannot be read or written. */
export const FILES: readonly BadRequest[] = [
  {
    why: "files that are no archive",
    path: "/v2/sandboxes/sessions/{session}/fs/write",
    json: { path: "a" },
    status: 415,
    code: "unsupported_media_type",
    says: "content-type: application/gzip",
  },
  {
    why: "an archive of nothing",
    path: "/v2/sandboxes/sessions/{session}/fs/write",
    headers: { "content-type": "application/gzip" },
    status: 400,
    says: "it is empty",
  },
  {
    why: "an archive for no absolute path",
    path: "/v2/sandboxes/sessions/{session}/fs/write",
    raw: "x",
    headers: { "content-type": "application/gzip", "x-cwd": "tmp" },
    status: 400,
    says: 'x-cwd must be an absolute path; given was "tmp"',
  },
  {
    why: "a file without its path",
    path: "/v2/sandboxes/sessions/{session}/fs/read",
    json: {},
    status: 400,
    says: "`path`: expected string; it is missing",
  },
  {
    why: "a path with NUL",
    path: "/v2/sandboxes/sessions/{session}/fs/read",
    json: { path: "a\0" },
    status: 400,
    says: "`path`: a path holds no NUL",
  },
  {
    why: "a path that is too long",
    path: "/v2/sandboxes/sessions/{session}/fs/mkdir",
    json: { path: "x".repeat(LIMITS.pathLength + 1) },
    status: 400,
    says: "`path`",
  },
  {
    why: "a directory with a mode",
    path: "/v2/sandboxes/sessions/{session}/fs/mkdir",
    json: { path: "a", mode: 0o755 },
    status: 400,
    says: "`mode` is no field of making a directory",
  },
];
