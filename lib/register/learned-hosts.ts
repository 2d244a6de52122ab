const PREVIEW_HOST = /^(sb-[a-z0-9-]+)\.vercel\.run$/;

/**
 * Names that the vendor's clients make up from answers of the engine, and what they stand for here. The
 * answers are looked at as they pass by.
 */
export class LearnedHosts {
  readonly #previews = new Map<string, string>();
  /** Hosts that shells are at, by name. The vendor's CLI asks for their health at the name alone. */
  readonly #shells = new Map<string, string>();
  readonly #urlOf: RouteUrl;

  /** `urlOf` says where a route is reached from here; it throws where it is not. */
  constructor(urlOf: RouteUrl) {
    this.#urlOf = urlOf;
  }

  /** Where a URL leads that a client made up; undefined for all others. */
  localUrl(url: URL): string | undefined {
    const preview = PREVIEW_HOST.exec(url.hostname)?.[1];
    const base = preview && this.#previews.get(preview);
    if (base) return new URL(`${url.pathname}${url.search}`, base).href;
    return url.pathname === "/health" && url.port === ""
      ? this.#shells.get(url.hostname)
      : undefined;
  }

  /** The answer for a sandbox's name that no answer told of: it must not be asked for outside. */
  missing(url: URL): Response | undefined {
    if (!PREVIEW_HOST.test(url.hostname)) return undefined;
    const message = `${url.hostname} is the public name of a sandbox that this process has not asked Sandlot for. Use sandbox.domain(port), which is a URL of this machine.`;
    return Response.json({ error: { code: "SANDBOX_NOT_FOUND", message } }, { status: 502 });
  }

  /** Where a route leads from here; undefined where nothing does. */
  #reachedAt(route: unknown): string | undefined {
    const url = textOf(route, "url");
    const port = Number(typeof route === "object" && route !== null && Reflect.get(route, "port"));
    if (url === undefined) return undefined;
    try {
      return this.#urlOf({ url, port });
    } catch {
      // Nothing leads there, which `domain()` says.
      return undefined;
    }
  }

  /** Looks at an answer of the engine's, without taking its body away. */
  async learn(response: Response): Promise<void> {
    if (!response.ok || !response.headers.get("content-type")?.includes("json")) return;
    const { pathname } = new URL(response.url);
    const isShell = pathname.endsWith("/interactive");
    if (!isShell && !mayHoldRoutes(pathname)) return;
    const answer = await read(response);
    if (isShell) {
      const url = URL.parse(textOf(answer, "url") ?? "");
      if (url) this.#shells.set(url.hostname, `http://${url.host}/health`);
      return;
    }
    for (const route of listOf(answer, "routes")) {
      const subdomain = textOf(route, "subdomain");
      const url = this.#reachedAt(route);
      if (subdomain !== undefined && url !== undefined) this.#previews.set(subdomain, url);
    }
  }
}

type RouteUrl = (route: { url: string; port: number }) => string;

/** Answers about one sandbox or session, not about its commands and files, which may be long. */
function mayHoldRoutes(pathname: string): boolean {
  return /\/sandboxes(?:\/sessions)?(?:\/[^/]+)?(?:\/fork)?$/.test(pathname);
}

// By hand: this is loaded by every Node process below the first, and a parser would slow each one's start.

function textOf(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === "object" && value !== null && Reflect.get(value, name);
  return typeof found === "string" ? found : undefined;
}

function listOf(value: unknown, name: string): unknown[] {
  const found: unknown = typeof value === "object" && value !== null && Reflect.get(value, name);
  return Array.isArray(found) ? found : [];
}

async function read(response: Response): Promise<unknown> {
  try {
    return await response.clone().json();
  } catch {
    // The client will meet the same trouble and report it.
    return undefined;
  }
}
