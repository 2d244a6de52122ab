/** What is looked at of a request. */
export interface GuardedRequest {
  method: string;
  /** Without the query. */
  path: string;
  headers: Headers;
}

const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Why a request is refused; undefined if it may pass. A server that runs commands is a target: of names that were made
 * to lead to this machine, and of other pages in the same browser, the previewed app's among them.
 * `moreNames` are hosts that the person who runs the studio allows besides this machine's own names.
 */
export function refusal(
  { method, path, headers }: GuardedRequest,
  moreNames: readonly string[] = [],
): string | undefined {
  const host = headers.get("host") ?? "";
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (![...OWN_NAMES, ...moreNames].includes(name)) {
    return `The studio does not answer to the name ${JSON.stringify(name)}. Open it as http://localhost, or add the name to SANDLOT_STUDIO_HOSTS.`;
  }
  const site = headers.get("sec-fetch-site");
  const isForeign = site !== null && site !== "same-origin" && site !== "none";
  if (isForeign && (path.startsWith("/api/") || !SAFE_METHODS.has(method))) {
    return "The studio's API answers its own pages only, and this request came from another one.";
  }
  const origin = headers.get("origin");
  if (!SAFE_METHODS.has(method) && origin !== null && !isSameHost(origin, host)) {
    return "Only the studio's own pages may change something here, and this request came from another one.";
  }
  return undefined;
}

function isSameHost(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  return url !== null && url.host === host.toLowerCase();
}
