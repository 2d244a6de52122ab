import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
} from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { keyFile } from "./key-file.ts";

/** Where the vendor's `defineSandboxProxy` looks for the keys of tokens: `<issuer>/.well-known/jwks`. */
export const TOKEN_ISSUER = "https://oidc.vercel.com/sandlot";
/** The vendor's proxy helper wants these claims; a local engine has one of each. */
const LOCAL_TEAM = "team_local";
const LOCAL_PROJECT = "prj_local";
const LIFETIME_SECONDS = 600;

/** A public key as a set of keys lists it (RFC 7517). */
export interface PublicKey {
  kty: string;
  n: string;
  e: string;
  kid: string;
  alg: "RS256";
  use: "sig";
}

/** Who a forwarded request came from. */
export interface TokenSubject {
  sandboxId: string;
  sandboxName: string;
}

/** Signs what tells a proxy that a forwarded request came from a sandbox of this engine. */
export class SandboxTokens {
  readonly #key: KeyObject;
  /** What answers `<issuer>/.well-known/jwks`. */
  readonly keys: { keys: PublicKey[] };

  /** Of the folder; its key is made when the folder has none, in a file that only this user can read. */
  static async open(directory: string): Promise<SandboxTokens> {
    const pem = await keyFile(join(directory, "tokens.pem"), async () => {
      const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2_048 });
      return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    });
    return new SandboxTokens(createPrivateKey(pem));
  }

  private constructor(key: KeyObject) {
    this.#key = key;
    const { kty = "", n = "", e = "" } = createPublicKey(key).export({ format: "jwk" });
    // RFC 7638: the members that make the key, in this order.
    const kid = createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
    this.keys = { keys: [{ kty, n, e, kid, alg: "RS256", use: "sig" }] };
  }

  /** A token for the one URL to which a rule forwards. */
  token({ sandboxId, sandboxName }: TokenSubject, forwardUrl: URL): string {
    const now = Math.floor(Date.now() / 1_000);
    const header = { alg: "RS256", typ: "JWT", kid: this.keys.keys[0]!.kid };
    const claims = {
      iss: TOKEN_ISSUER,
      aud: audienceOf(forwardUrl),
      sub: `sandbox:${sandboxName}`,
      iat: now,
      nbf: now,
      exp: now + LIFETIME_SECONDS,
      team_id: LOCAL_TEAM,
      project_id: LOCAL_PROJECT,
      sandbox_id: sandboxId,
      sandbox_name: sandboxName,
    };
    const signed = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), this.#key).toString("base64url")}`;
  }
}

/** The URL's origin and path, without a slash at its end. */
function audienceOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}
