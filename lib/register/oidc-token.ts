import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

const VARIABLE = "VERCEL_OIDC_TOKEN";
// A token that ends within this time would have to be renewed, for which there is no service here.
const MARGIN_MS = 5 * 60 * 1_000;

/**
 * Sees to it that the vendor's clients find credentials. A token that is good for a while is left alone,
 * also one in the project's .env files, for other services may need it; otherwise one is made up.
 */
export function provideToken(env: NodeJS.ProcessEnv): void {
  if (isGood(env[VARIABLE])) return;
  env[VARIABLE] = fromFiles() ?? makeToken();
}

/**
 * A token as the vendor's clients decode it; they never check its signature. The claims name nobody, and
 * it does not expire unless told so.
 */
export function makeToken({ expiresAt }: { expiresAt?: number } = {}): string {
  const claims = {
    owner: "sandlot",
    owner_id: "team_sandlot",
    project: "local",
    project_id: "prj_sandlot",
    environment: "development",
    ...(expiresAt !== undefined && { exp: Math.floor(expiresAt / 1_000) }),
  };
  // The CLI wants the header of a JWT, and three parts.
  return [encode({ alg: "none", typ: "JWT" }), encode(claims), encode("made up by sandlot")].join(
    ".",
  );
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function isGood(token: string | undefined): boolean {
  if (!token) return false;
  const parts = token.split(".");
  if (parts.length !== 3) return false;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return false;
    if (!("owner_id" in claims) || !("project_id" in claims)) return false;
    return !("exp" in claims) || Number(claims.exp) * 1_000 > Date.now() + MARGIN_MS;
  } catch {
    // Not a token that the clients could read.
    return false;
  }
}

/** The files that `vercel env pull` writes and that frameworks load later, without replacing what is set. */
function fromFiles(): string | undefined {
  for (const file of [".env.local", ".env.development.local", ".env"]) {
    try {
      const token = parseEnv(readFileSync(file, "utf8"))[VARIABLE];
      if (isGood(token)) return token;
    } catch {
      // There is no such file, or none that may be read.
    }
  }
  return undefined;
}
