import { defineSandboxProxy as vendorsDefineSandboxProxy } from "@vercel/sandbox";
import { sharedTransport } from "../host/shared-transport.ts";
import { isTokenKeysUrl, TOKEN_KEYS_PATH } from "../host/token-keys.ts";

let isAnswering = false;

/**
 * The vendor's, which takes what a network policy's `forwardURL` sends from sandboxes of this engine. It
 * looks for their keys at an address of the vendor's by the global `fetch`: from the first call on, that
 * one address is answered by the engine, and every other as before.
 */
export const defineSandboxProxy: typeof vendorsDefineSandboxProxy = (...args) => {
  answerForKeys();
  return vendorsDefineSandboxProxy(...args);
};

/** The keys that tokens of this engine's sandboxes are signed with. */
export function fetchTokenKeys(): Promise<Response> {
  return sharedTransport().fetch(TOKEN_KEYS_PATH, {});
}

function answerForKeys(): void {
  if (isAnswering) return;
  isAnswering = true;
  const next = globalThis.fetch;
  globalThis.fetch = async function fetch(input, init) {
    const url = URL.parse(input instanceof Request ? input.url : String(input));
    return url && isTokenKeysUrl(url) ? fetchTokenKeys() : next(input, init);
  };
}
