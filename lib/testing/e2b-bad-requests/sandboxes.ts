import { type BadE2bRequest, entries, refused } from "./bad-request.ts";

const create = refused("POST", "/v2/sandboxes");
const old = refused("POST", "/sandboxes");
const list = (why: string, query: string, says: string): BadE2bRequest => ({
  why,
  method: "GET",
  path: `/v2/sandboxes?${query}`,
  status: 400,
  says,
});
const base = { templateID: "base" };
const network = (why: string, given: unknown, says: string) =>
  create(why, { json: { ...base, network: given } }, says);

/** Sandboxes that cannot be made, and lists that cannot be had. */
export const SANDBOXES: readonly BadE2bRequest[] = [
  create("no body", {}, "`templateID`"),
  create(
    "a body that is no JSON",
    { raw: "{", headers: { "content-type": "application/json" } },
    "not valid JSON",
  ),
  create("a body that is a list", { json: [] }, "must be a JSON object"),
  create("no template", { json: {} }, "`templateID`: expected string; it is missing"),
  create("an empty template", { json: { templateID: "" } }, "`templateID`"),
  create(
    "a template that is a number",
    { json: { templateID: 5 } },
    "`templateID`: expected string",
  ),
  {
    ...create("an unknown template", { json: { templateID: "nope" } }, "template 'nope' not found"),
    status: 404,
  },
  create(
    "a timeout that is a text",
    { json: { ...base, timeout: "5" } },
    "`timeout`: expected number",
  ),
  create("a negative timeout", { json: { ...base, timeout: -1 } }, "`timeout`"),
  create("no time at all", { json: { ...base, timeout: 0 } }, "`timeout`"),
  create("part of a second", { json: { ...base, timeout: 1.5 } }, "`timeout`"),
  create("a timeout over a day", { json: { ...base, timeout: 86_401 } }, "greater than 24 hours"),
  old(
    "a timeout over a day, the old way",
    { json: { ...base, timeout: 86_401 } },
    "greater than 24 hours",
  ),
  create(
    "metadata that is a list",
    { json: { ...base, metadata: ["a"] } },
    "`metadata`: expected record",
  ),
  create(
    "metadata with a number",
    { json: { ...base, metadata: { a: 1 } } },
    "`metadata.a`: expected string",
  ),
  create("too much metadata", { json: { ...base, metadata: entries(1_001) } }, "at most 1000 tags"),
  create(
    "a variable that is a number",
    { json: { ...base, envVars: { A: 1 } } },
    "`envVars.A`: expected string",
  ),
  create(
    "a variable's name with =",
    { json: { ...base, envVars: { "A=B": "1" } } },
    "neither = nor NUL",
  ),
  create(
    "autoPause as a text",
    { json: { ...base, autoPause: "yes" } },
    "`autoPause`: expected boolean",
  ),
  create(
    "autoResume without autoPause",
    { json: { ...base, autoResume: { enabled: true } } },
    "set autoPause",
  ),
  create("autoResume as a boolean", { json: { ...base, autoResume: true } }, "`autoResume`"),
  create(
    "a mount without a path",
    { json: { ...base, volumeMounts: [{ name: "v" }] } },
    "`volumeMounts.0.path`",
  ),
  create(
    "a mount at no absolute path",
    { json: { ...base, volumeMounts: [{ name: "v", path: "data" }] } },
    "absolute",
  ),
  create("the vendor's MCP gateway", { json: { ...base, mcp: { github: {} } } }, "`mcp`"),
  create("identity tokens", { json: { ...base, iam: { tokens: { aws: {} } } } }, "`iam.tokens`"),
  network("ports by HTTPS", { httpsPorts: [443] }, "`network.httpsPorts`"),
  network(
    "a Host header of two lines",
    { maskRequestHost: "localhost\r\nx-other: 1" },
    "`network.maskRequestHost`",
  ),
  network("a proxy", { egressProxy: { address: "p:1080" } }, "`network.egressProxy`"),
  network("a network that is a list", [], "`network`: expected object"),
  network("a denied domain", { denyOut: ["example.com"] }, "domains cannot be denied"),
  network(
    "an allowed domain while all is allowed",
    { allowOut: ["example.com"] },
    'put "0.0.0.0/0" into denyOut',
  ),
  network("something else than a destination", { allowOut: ["http://x/"] }, "`network.allowOut.0`"),
  network("a range that is none", { denyOut: ["10.0.0.0/33"] }, "`network.denyOut.0`"),
  network("a rule for no host", { rules: { "a b": [] } }, "expected a host"),
  network(
    "a header that is a number",
    { rules: { a: [{ transform: { headers: { x: 1 } } }] } },
    "`network.rules.a.0.transform.headers.x`",
  ),
  network(
    "an identity token in a header",
    { rules: { a: [{ transform: { headers: { x: "${e2b.identity.tokens.aws}" } } }] } },
    "identity token",
  ),
  list("no items at all", "limit=0", "`limit`"),
  list("too many items", "limit=101", "`limit`"),
  list("a limit that is a text", "limit=all", "`limit`: expected a whole number"),
  list("a state that is none", "state=running,stopped", "`state.1`"),
  list("metadata that is not encoded", "metadata=a%3D%2525E0%2525A4", "`metadata`"),
  list("an order that is none", "order=up", "`order`"),
  list("a time that is none", "startedAfter=yesterday", "`startedAfter`"),
  list("a parameter twice", "limit=1&limit=2", "may be given once"),
  list("somebody else's cursor", "nextToken=bm9uc2Vuc2U", "cursor"),
];
