import { LIMITS } from "../../contract/limits.ts";
import { type BadRequest, create, entries, many } from "./bad-request.ts";

/** Sandboxes that cannot be made. */
export const NEW_SANDBOXES: readonly BadRequest[] = [
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
];
