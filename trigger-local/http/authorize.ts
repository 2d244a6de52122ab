import { validateJWT } from "@trigger.dev/core/v3/jwt";
import { RequestError } from "../engine/request-error.ts";
import type { Keys } from "./keys.ts";
import { isEqual } from "./signatures.ts";

/** Who may ask: a program with the secret key, the CLI with its token, or a page with a public token. */
export type Caller = "secret" | "cli" | "public";

/** Who asks. Throws a 401 for nobody known, a 403 for a public token that does not allow it. */
export async function authorize(request: Request, keys: Keys): Promise<Caller> {
  const token = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) {
    throw new RequestError(
      401,
      "No key was given. Set TRIGGER_SECRET_KEY as `npm run trigger:local` prints it.",
    );
  }
  if (isEqual(token, keys.secretKey)) return "secret";
  if (isEqual(token, keys.accessToken)) return "cli";
  const { ok, payload } = await readPublicToken(token, keys);
  if (!ok) {
    throw new RequestError(
      401,
      "The key is not that of this platform. Set TRIGGER_SECRET_KEY as `npm run trigger:local` prints it.",
    );
  }
  const scopes = Array.isArray(payload["scopes"]) ? payload["scopes"].map(String) : [];
  if (!scopes.some((scope) => allows(scope, request))) {
    throw new RequestError(
      403,
      `The public token has the scopes ${scopes.join(", ")}, which do not allow this.`,
    );
  }
  return "public";
}

async function readPublicToken(
  token: string,
  keys: Keys,
): Promise<{ ok: boolean; payload: Record<string, unknown> }> {
  const result = await validateJWT(token, keys.secretKey);
  return result.ok
    ? { ok: result.payload["pub"] === true, payload: result.payload }
    : { ok: false, payload: {} };
}

/** What is called otherwise in a path, or is in several. */
const PATHS_OF_SCOPE: Record<string, readonly string[]> = {
  runs: ["runs", "streams"],
  batch: ["batches"],
};

// A scope is a verb, a kind of thing and, often, one of them: `read:runs:run_…`.
function allows(scope: string, request: Request): boolean {
  if (scope === "admin") return true;
  const [verb, kind, id] = scope.split(":");
  const isRead = request.method === "GET";
  if (verb !== "admin" && (verb === "read") !== isRead) return false;
  const { pathname } = new URL(request.url);
  const parts = pathname.split("/").map(decodeURIComponent);
  const names = PATHS_OF_SCOPE[kind ?? ""] ?? [kind ?? ""];
  return names.some((name) => parts.includes(name)) && (id === undefined || parts.includes(id));
}
