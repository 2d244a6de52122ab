import { TOKEN_ISSUER } from "../backends/isolation/namespaces/network/http/sandbox-tokens.ts";

/** The engine's path of the keys that its sandboxes' tokens are signed with. */
export const TOKEN_KEYS_PATH = "/sandlot/token-keys";

const KEYS_URL = new URL(`${TOKEN_ISSUER}/.well-known/jwks`);

/** Whether the vendor's `defineSandboxProxy` looks for our keys there: at a host that is not ours. */
export function isTokenKeysUrl(url: URL): boolean {
  return url.origin === KEYS_URL.origin && url.pathname === KEYS_URL.pathname;
}
