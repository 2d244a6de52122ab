import { LIMITS } from "../contract/limits.ts";

/** A request that must be refused, and how. `{session}` and `{command}` stand for the ids of living ones. */
export interface BadRequest {
  why: string;
  method?: string;
  path: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  status: number;
  code?: string;
  /** What the message must say: the field, what is wrong, or what to do. */
  says: string;
}

const many = (count: number) => Array.from({ length: count }, (_, index) => index);
const entries = (count: number) =>
  Object.fromEntries(many(count).map((index) => [`k${index}`, "v"]));

const create = (why: string, json: unknown, says: string): BadRequest => ({
  why,
  path: "/v3/sandboxes",
  json,
  status: 400,
  says,
});
const policy = (why: string, networkPolicy: unknown, says: string): BadRequest =>
  create(why, { networkPolicy }, says);
const command = (why: string, json: unknown, says: string): BadRequest => ({
  why,
  path: "/v2/sandboxes/sessions/{session}/cmd",
  json,
  status: 400,
  says,
});
const list = (why: string, path: string, says: string): BadRequest => ({
  why,
  method: "GET",
  path,
  status: 400,
  says,
});

export const BAD_REQUESTS: readonly BadRequest[] = [
  // ------------------------------------------------------------ the body as such
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

  // --------------------------------------------------------------- new sandboxes
  create("a field that is not known", { prots: [3000] }, "`prots` is no field of a new sandbox"),
  create("several such fields", { a: 1, b: 2 }, "`a`, `b` are no fields"),
  create(
    "a field inside that is not known",
    { resources: { vcpus: 2, disk: 1 } },
    "`disk` in `resources` is no field",
  ),
  create("a name with a slash", { name: "a/b" }, "`name`: a name starts with a letter or digit"),
  create("a name that is empty", { name: "" }, "`name`"),
  create(
    "a name that is too long",
    { name: "x".repeat(LIMITS.nameLength + 1) },
    "`name`: expected string to have <=128 characters",
  ),
  create("a name that is a number", { name: 5 }, "`name`: expected string; given was 5"),
  create(
    "a name that is a part of the API",
    { name: "drives" },
    "`name`: this name is a part of the API's own paths",
  ),
  create(
    "too many ports",
    { ports: many(16).map((index) => 3000 + index) },
    "ports should NOT have more than 15 items; given was a list of 16",
  ),
  create(
    "a port out of range",
    { ports: [70_000] },
    "`ports.0`: expected number to be <=65535; given was 70000",
  ),
  create(
    "a port that is a text",
    { ports: ["3000"] },
    '`ports.0`: expected number; given was "3000"',
  ),
  create("a port twice", { ports: [3000, 3000] }, "each port may be named once"),
  create(
    "a timeout that is a text",
    { timeout: "5m" },
    '`timeout`: expected number; given was "5m"',
  ),
  create(
    "a timeout that is too short",
    { timeout: 10 },
    "`timeout`: expected number to be >=1000; given was 10",
  ),
  create(
    "a timeout that is no whole number",
    { timeout: 1000.5 },
    "`timeout`: expected int; given was 1000.5",
  ),
  {
    ...create(
      "a timeout beyond the limit",
      { timeout: LIMITS.sessionTimeoutMs + 1 },
      `${LIMITS.sessionTimeoutMs + 1} ms`,
    ),
    code: "sandbox_timeout_invalid",
  },
  create(
    "an odd number of processors",
    { resources: { vcpus: 3 } },
    "vcpus is 1 or an even number",
  ),
  create("no processors at all", { resources: { vcpus: 0 } }, "`resources.vcpus`"),
  create(
    "memory without processors",
    { resources: { memory: 4096 } },
    "`resources.vcpus`: expected number; it is missing",
  ),
  create(
    "memory that does not follow the processors",
    { resources: { vcpus: 2, memory: 1024 } },
    "memory follows vcpus",
  ),
  create(
    "a variable that is a number",
    { env: { A: 1 } },
    "`env.A`: expected string; given was a number",
  ),
  create(
    "a variable's name with =",
    { env: { "A=B": "1" } },
    "a variable's name holds neither = nor NUL",
  ),
  create("too many tags", { tags: entries(6) }, "at most 5 tags"),
  create("persistent as a text", { persistent: "yes" }, "`persistent`: expected boolean"),
  create(
    "a source of no known type",
    { source: { type: "zip", url: "x" } },
    '`source.type`: expected one of "git"|"tarball"|"snapshot"; given was "zip"',
  ),
  create("a source without a type", { source: {} }, "`source.type`"),
  create(
    "a tarball without a URL",
    { source: { type: "tarball" } },
    "`source.url`: expected string; it is missing",
  ),
  create("a snapshot without its id", { source: { type: "snapshot" } }, "`source.snapshotId`"),
  create(
    "a git source of no depth",
    { source: { type: "git", url: "https://x.example/a.git", depth: 0 } },
    "`source.depth`",
  ),
  create(
    "an image beside a runtime",
    { runtime: "node24", image: "a" },
    "runtime and image cannot be used together",
  ),
  create(
    "a runtime beside a snapshot",
    { runtime: "node24", source: { type: "snapshot", snapshotId: "snap_1" } },
    "leave out runtime and image",
  ),
  create(
    "a failover to the region itself",
    { region: "iad1", failoverRegions: ["iad1"] },
    "`failoverRegions`: must not hold the region itself",
  ),
  create(
    "too many snapshots to keep",
    { keepLastSnapshots: { count: 11 } },
    "`keepLastSnapshots.count`",
  ),
  create("a negative expiry", { snapshotExpiration: -1 }, "`snapshotExpiration`"),
  create(
    "a mount at no absolute path",
    { mounts: { data: { drive: "d" } } },
    "a mount's path is absolute",
  ),
  create(
    "a mount of no known mode",
    { mounts: { "/data": { drive: "d", mode: "rw" } } },
    "`mounts./data.mode`",
  ),
  create(
    "too many mounts",
    { mounts: Object.fromEntries(many(5).map((index) => [`/m${index}`, { drive: "d" }])) },
    "at most 4 drives",
  ),
  {
    ...create("a name that is taken", { name: "box" }, "box exists already"),
    status: 409,
    code: "conflict",
  },
  {
    ...create(
      "a snapshot that is not there",
      { source: { type: "snapshot", snapshotId: "snap_none" } },
      "snap_none",
    ),
    status: 410,
    code: "snapshot_not_found",
  },

  // ------------------------------------------------------------ network policies
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

  // ------------------------------------------------- sandboxes that are there
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

  // --------------------------------------------------------------------- lists
  list("a limit of nothing", "/v2/sandboxes?limit=0", "`limit`: expected number to be >=1"),
  list(
    "a limit that is too high",
    "/v2/sandboxes?limit=101",
    "`limit`: expected number to be <=100",
  ),
  list(
    "a limit that is no number",
    "/v2/sandboxes?limit=ten",
    '`limit`: expected a whole number; given was "ten"',
  ),
  list(
    "a parameter given twice",
    "/v2/sandboxes?tags=a:b&tags=c:d",
    "`tags`: this parameter may be given once; given were 2",
  ),
  list("a tag that is no pair", "/v2/sandboxes?tags=a", "expected one tag as key:value"),
  list(
    "a prefix without the order that it goes with",
    "/v2/sandboxes?namePrefix=a",
    "`namePrefix`: goes only with sortBy=name",
  ),
  list(
    "a status with another order",
    "/v2/sandboxes?status=running&sortBy=name",
    "`status`: goes only with sortBy=createdAt",
  ),
  list("a field that cannot be sorted by", "/v2/sandboxes?sortBy=memory", "`sortBy`"),
  list("an order that is none", "/v2/sandboxes?sortOrder=up", "`sortOrder`"),
  list("a cursor of another list", "/v2/sandboxes?cursor=zzz", "cursor"),
  list(
    "a tree without its snapshot",
    "/v2/sandboxes/snapshots/tree",
    "`snapshotId`: expected string; it is missing",
  ),
  list(
    "a tree's page that is too long",
    "/v2/sandboxes/snapshots/tree?snapshotId=snap_1&limit=11",
    "`limit`: expected number to be <=10",
  ),
  list(
    "a time that is no number",
    "/v1/sandboxes?since=yesterday",
    "`since`: expected a whole number",
  ),

  // ------------------------------------------------------------------ sessions
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
    says: "may not live",
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

  // ------------------------------------------------------------------ commands
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

  // --------------------------------------------------------------------- files
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

  // -------------------------------------------------------------------- drives
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

  // ------------------------------------------------------------- the older dialect
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

  // --------------------------------------------------------------------- paths
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
