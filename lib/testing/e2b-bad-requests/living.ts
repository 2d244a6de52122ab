import { type BadE2bRequest, refused } from "./bad-request.ts";

const at = (path: string) => `/sandboxes/{sandbox}${path}`;
const timeout = refused("POST", at("/timeout"));
const fork = refused("POST", at("/fork"));
const network = refused("PUT", at("/network"));
const unknown = (method: BadE2bRequest["method"], path: string, json?: unknown): BadE2bRequest => ({
  why: `${method} ${path} of an unknown sandbox`,
  method,
  path: path.replace("{sandbox}", "i00000000000000000000"),
  ...(json !== undefined && { json }),
  status: 404,
  says: "i00000000000000000000",
});

/** What cannot be done to a sandbox that is there, and what to one that is not. */
export const LIVING: readonly BadE2bRequest[] = [
  timeout("no timeout", { json: {} }, "`timeout`: expected number; it is missing"),
  timeout("a negative timeout", { json: { timeout: -5 } }, "`timeout`"),
  timeout("a timeout over a day", { json: { timeout: 100_000 } }, "greater than 24 hours"),
  refused("POST", at("/refreshes"))(
    "a refresh over an hour",
    { json: { duration: 4_000 } },
    "`duration`",
  ),
  refused("POST", "/sandboxes/{sandbox}/connect")(
    "a connection without a timeout",
    { json: {} },
    "`timeout`",
  ),
  refused("POST", "/v2/sandboxes/{sandbox}/connect")(
    "memory as a text",
    { json: { memory: "no" } },
    "`memory`",
  ),
  refused("POST", at("/resume"), 409)(
    "a resume of what runs",
    { json: { timeout: 5 } },
    "is running already",
  ),
  refused("POST", "/sandboxes/{paused}/pause", 409)(
    "a pause of what is paused",
    {},
    "is paused already",
  ),
  refused("POST", "/sandboxes/{paused}/timeout", 404)(
    "a timeout of what is paused",
    { json: { timeout: 5 } },
    "is not running",
  ),
  refused("POST", "/sandboxes/{paused}/refreshes", 404)(
    "a refresh of what is paused",
    {},
    "is not running",
  ),
  refused("POST", "/sandboxes/{paused}/snapshots", 409)(
    "a snapshot of what is paused",
    {},
    "is paused",
  ),
  refused("POST", "/sandboxes/{paused}/fork", 409)("a fork of what is paused", {}, "is paused"),
  refused("PUT", "/sandboxes/{paused}/network", 409)(
    "a network of what is paused",
    { json: {} },
    "is paused",
  ),
  refused("POST", at("/pause"))(
    "a pause with memory as a text",
    { json: { memory: "x" } },
    "`memory`",
  ),
  fork("no copies", { json: { count: 0 } }, "`count`"),
  fork("too many copies", { json: { count: 101 } }, "`count`"),
  fork("copies of no time at all", { json: { timeout: 0 } }, "`timeout`"),
  fork("copies of a timeout over a day", { json: { timeout: 86_401 } }, "greater than 24 hours"),
  network("a denied domain", { json: { denyOut: ["example.com"] } }, "domains cannot be denied"),
  network(
    "an allowed domain while all is allowed",
    { json: { allowOut: ["a.example"] } },
    "denyOut",
  ),
  network("a proxy", { json: { egressProxy: { address: "p:1" } } }, "egressProxy"),
  refused("GET", at("/metrics?start=now"))("metrics since a word", {}, "`start`"),
  refused("GET", "/sandboxes/metrics")("metrics of nobody", {}, "`sandbox_ids`"),
  unknown("GET", "/sandboxes/{sandbox}"),
  unknown("DELETE", "/sandboxes/{sandbox}"),
  unknown("POST", "/v2/sandboxes/{sandbox}/connect", {}),
  unknown("POST", "/sandboxes/{sandbox}/timeout", { timeout: 5 }),
  unknown("POST", "/sandboxes/{sandbox}/pause"),
  unknown("POST", "/sandboxes/{sandbox}/snapshots"),
  unknown("POST", "/sandboxes/{sandbox}/fork"),
  unknown("PUT", "/sandboxes/{sandbox}/network", {}),
  unknown("GET", "/sandboxes/{sandbox}/metrics"),
  refused("PATCH", "/sandboxes/{sandbox}", 405)("a method that is none", {}, "use GET, DELETE"),
  refused("GET", "/nothing", 404)("a path that is none", {}, "/nothing"),
  refused("GET", "/v1/sandboxes", 404)("a version that is none", {}, "/v1/sandboxes"),
];
