import { VERCEL_PREFIX } from "../host/vercel-prefix.ts";

// Where the vendor's clients, of whatever version, look for the sandbox API.
const BASES = [
  { host: "vercel.com", prefix: "/api" },
  { host: "api.vercel.com", prefix: "" },
];

// A version that is not known here is the engine's to refuse, not to be sent to the cloud.
const SANDBOX_PATH = /^\/v\d+\/sandboxes(?:\/|$)/;

/** The engine's path for a URL of the vendor's sandbox API; undefined for every other URL. */
export function enginePathOf(url: URL): string | undefined {
  for (const { host, prefix } of BASES) {
    // The name may be written with its root: `vercel.com.`
    if (url.hostname.replace(/\.$/, "") !== host || !url.pathname.startsWith(`${prefix}/`))
      continue;
    const path = url.pathname.slice(prefix.length);
    if (SANDBOX_PATH.test(path)) return `${VERCEL_PREFIX}${path}${url.search}`;
  }
  return undefined;
}
