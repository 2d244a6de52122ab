import { type BadE2bRequest, refused } from "./bad-request.ts";

const template = refused("POST", "/v3/templates");
const build = refused("POST", "/v2/templates/{template}/builds/{build}");
const step = (why: string, given: unknown, says: string) =>
  build(why, { json: { steps: [given] } }, says);
const volume = refused("POST", "/volumes");
const secret = refused("POST", "/secrets");
const authorization = "Bearer {volumeToken}";
const content = (
  why: string,
  method: BadE2bRequest["method"],
  query: string,
  {
    says,
    part = "file",
    status = 400,
    json,
  }: { says: string; part?: string; status?: number; json?: unknown },
): BadE2bRequest => ({
  why,
  method,
  path: `/volumecontent/{volume}/${part}?${query}`,
  headers: { authorization },
  ...(json !== undefined && { json }),
  status,
  says,
});
const token = (why: string, headers: Record<string, string>): BadE2bRequest => ({
  why,
  method: "GET",
  path: "/volumecontent/{volume}/dir?path=/",
  headers,
  status: 401,
  says: "volume's own token",
});

/** Templates, volumes and secrets. */
export const OTHERS: readonly BadE2bRequest[] = [
  template("a template without a name", { json: {} }, "`name`"),
  template("a name with two tags", { json: { name: "a:b:c" } }, "expected name or name:tag"),
  template("a name with a blank", { json: { name: "a b" } }, "a template's name"),
  template("a processor and a half", { json: { name: "a", cpuCount: 1.5 } }, "`cpuCount`"),
  step("a step that is none", { type: "FLY", args: [] }, "is no step"),
  step("a command that is missing", { type: "RUN", args: [] }, "RUN needs a command"),
  step("a variable without a value", { type: "ENV", args: ["A"] }, "ENV needs a value"),
  step("a copy without files", { type: "COPY", args: ["a", "b"] }, "hash of its files"),
  step(
    "a copy with a mode of letters",
    { type: "COPY", args: ["a", "b", "", "rwx"], filesHash: "x" },
    "octal",
  ),
  build(
    "an image of a private registry",
    { json: { fromImageRegistry: { type: "aws" } } },
    "fromImageRegistry",
  ),
  refused("GET", "/templates/nope", 404)("an unknown template", {}, "nope"),
  refused("GET", "/templates/aliases/nope", 404)("an unknown alias", {}, "nope"),
  refused("DELETE", "/templates/nope", 404)("deleting an unknown template", {}, "nope"),
  refused("POST", "/templates/tags", 404)(
    "tags of an unknown template",
    { json: { target: "nope:v1", tags: ["a"] } },
    "nope",
  ),
  refused("POST", "/templates/tags")("no tags", { json: { target: "mine", tags: [] } }, "`tags`"),
  refused("PUT", "/uploads/{template}/abc?token=0", 401)(
    "an upload with a made-up link",
    { raw: "x" },
    "link",
  ),
  refused("PATCH", "/templates/{template}")(
    "a public template",
    { json: { public: true } },
    "`public`",
  ),
  volume("a volume without a name", { json: {} }, "`name`"),
  volume("a volume's name with a slash", { json: { name: "a/b" } }, "`name`"),
  {
    ...volume("a volume that is there", { json: { name: "data" } }, "exists already"),
    status: 409,
  },
  refused("GET", "/volumes/nope", 404)("an unknown volume", {}, "nope"),
  refused("DELETE", "/volumes/nope", 404)("deleting an unknown volume", {}, "nope"),
  token("no token", {}),
  token("a made-up token", { authorization: "Bearer 0123456789" }),
  token("another volume's token", { authorization: "Bearer {otherToken}" }),
  token("a sandbox's token", { authorization: "Bearer {sandboxToken}" }),
  token("the account's key", { authorization: "Bearer e2b_00" }),
  content("climbing out", "GET", "path=/../../etc/passwd", { says: "climb" }),
  content("climbing out, encoded", "GET", "path=%2Fa%2F..%2F..%2Fetc%2Fpasswd", { says: "climb" }),
  content("climbing out by a write", "PUT", "path=../x", { says: "climb" }),
  content("climbing out by a list", "GET", "path=/..", { says: "climb", part: "dir" }),
  content("climbing out by a directory", "POST", "path=a/../../b", { says: "climb", part: "dir" }),
  content("climbing out by a deletion", "DELETE", "path=/../..", { says: "climb", part: "path" }),
  content("a path with a NUL", "GET", "path=/a%00b", { says: "NUL" }),
  content("no path", "GET", "", { says: "`path`" }),
  content("a depth that is none", "GET", "path=/&depth=0", { says: "`depth`", part: "dir" }),
  content("a mode that is none", "PUT", "path=/a&mode=99999", { says: "`mode`" }),
  content("an owner that is none", "PATCH", "path=/a", {
    says: "`uid`",
    part: "path",
    json: { uid: -1 },
  }),
  secret("a secret without a name", { json: { value: "v" } }, "`name`"),
  secret("a secret's name with braces", { json: { name: "a}b", value: "v" } }, "braces"),
  secret("a secret of two lines", { json: { name: "a", value: "v\nw" } }, "control character"),
  secret(
    "a secret's metadata that is a list",
    { json: { name: "a", value: "v", metadata: [] } },
    "`metadata`",
  ),
  {
    ...secret("a secret that is there", { json: { name: "KEY", value: "v" } }, "KEY"),
    status: 409,
  },
  refused("GET", "/secrets/nope", 404)("an unknown secret", {}, "nope"),
  refused("POST", "/secrets/nope", 404)(
    "a new value of an unknown secret",
    { json: { value: "v" } },
    "nope",
  ),
  refused("DELETE", "/secrets/nope", 404)("deleting an unknown secret", {}, "nope"),
  refused("POST", "/secrets/KEY")("an update without a value", { json: {} }, "`value`"),
];
