import { type BadRequest, command } from "./bad-request.ts";

/** Commands that cannot be started or looked at. */
export const COMMANDS: readonly BadRequest[] = [
  command("no command", {}, "`command`: expected string; it is missing"),
  command("a command that is empty", { command: "" }, "`command`"),
  command("a command that is not there", { command: "echo a" }, "echo a"),
  command("arguments that are a text", { command: "echo", args: "a" }, "`args`: expected array"),
  command("an argument with NUL", { command: "echo", args: ["a\0b"] }, "an argument holds no NUL"),
  command(
    "a timeout of nothing",
    { command: "echo", timeout: 0 },
    "`timeout`: expected number to be >0",
  ),
  command("sudo as a text", { command: "echo", sudo: "true" }, "`sudo`: expected boolean"),
  command(
    "logs without waiting",
    { command: "echo", logs: true },
    "`logs`: goes only with wait: true",
  ),
  command(
    "a field of the SDK's own words",
    { command: "echo", detached: true },
    "`detached` is no field of a command",
  ),
  {
    why: "a signal by its name",
    path: "/v2/sandboxes/sessions/{session}/cmd/{command}/kill",
    json: { signal: "SIGTERM" },
    status: 400,
    says: '`signal`: expected number; given was "SIGTERM"',
  },
  {
    why: "a signal that is none",
    path: "/v2/sandboxes/sessions/{session}/cmd/{command}/kill",
    json: { signal: 65 },
    status: 400,
    says: "`signal`: expected number to be <=64",
  },
  {
    why: "a command that is not there",
    path: "/v2/sandboxes/sessions/{session}/cmd/cmd_none/kill",
    json: { signal: 15 },
    status: 404,
    code: "not_found",
    says: "cmd_none",
  },
  {
    why: "a wait that is neither true nor false",
    method: "GET",
    path: "/v2/sandboxes/sessions/{session}/cmd/{command}?wait=yes",
    status: 400,
    says: "`wait`",
  },
  {
    why: "input that is no base64",
    path: "/v2/sandboxes/sessions/{session}/cmd/{command}/stdin",
    json: { data: "höre" },
    status: 400,
    says: "`data`",
  },
  {
    why: "input at a negative place",
    path: "/v2/sandboxes/sessions/{session}/cmd/{command}/stdin",
    json: { offset: -1 },
    status: 400,
    says: "`offset`",
  },
  {
    why: "input behind a gap",
    path: "/v2/sandboxes/sessions/{session}/cmd/{command}/stdin",
    json: { data: "YQ==", offset: 7 },
    status: 409,
    code: "conflict",
    says: "0 bytes",
  },
];
