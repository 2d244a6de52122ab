const CLUE = ".vercel.run";
const clueBytes = Buffer.from(CLUE);

// How the vendor's SDK makes a URL of a route, in every version so far: as it was written, and as tools
// for older engines write it.
const FORMS = [
  /`https:\/\/\$\{([\w$.]+)\.subdomain\}\.vercel\.run`/g,
  /"https:\/\/"\.concat\(([\w$.]+)\.subdomain,\s*"\.vercel\.run"\)/g,
];

// Code in a context of its own does not have the function, and what it gets is better than nothing.
const ROUTE_URL = 'globalThis[Symbol.for("sandlot.routeUrl")]';

/** What `domain()` of the sources that are rewritten calls from now on, instead of taking the route's own URL. */
export function provideRouteUrl(urlOf: (route: { url: string; port: number }) => string): void {
  Object.defineProperty(globalThis, Symbol.for("sandlot.routeUrl"), { value: urlOf });
}

/**
 * The module's source with `domain()` giving the route's own URL, which is one of this machine, or what
 * `provideRouteUrl` was given makes of it; undefined when there is nothing to change. It works on any copy of
 * the SDK: ESM, CommonJS, or inside a bundle.
 */
export function rewriteDomain(source: string | Uint8Array): string | undefined {
  // Every module that is loaded comes by here, so most are let go without being decoded.
  if (
    typeof source === "string" ? !source.includes(CLUE) : bytesOf(source).indexOf(clueBytes) < 0
  ) {
    return undefined;
  }
  const text = typeof source === "string" ? source : bytesOf(source).toString("utf8");
  const rewritten = FORMS.reduce(
    (done, form) => done.replace(form, `(${ROUTE_URL}?.($1) ?? $1.url)`),
    text,
  );
  return rewritten === text ? undefined : rewritten;
}

function bytesOf(source: Uint8Array): Buffer {
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
}
