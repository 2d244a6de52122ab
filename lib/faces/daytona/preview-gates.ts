import type { Sandbox } from "../../contract/sandbox.ts";
import type { FaceContext, ForwardOptions, RequestHead } from "../../engine/face.ts";
import { isSameSecret } from "../../std/same-secret.ts";
import {
  expiryOfPreviewToken,
  previewToken,
  signedPreviewToken,
  TOKEN_HEADER,
  TOKEN_QUERY,
} from "./credentials.ts";
import { faultOfStatus, presentFault } from "./faults.ts";
import { type Kept, keptOf } from "./kept.ts";

/** What a gate has to know of a sandbox without asking anybody, for it answers at once. */
type Known = Pick<Sandbox, "id"> & Pick<Kept, "public" | "endedPreviews">;

// A browser sends a cookie of this machine to every port of it, so also to other sandboxes' programs: its name says
// whose it is, and its value opens this one port for a while and nothing else.
const COOKIE_S = 24 * 60 * 60;

/**
 * The ports of sandboxes, each on a listener of its own that asks for the sandbox's token: in a header, a query
 * or a cookie. A public sandbox's are open to whoever reaches this machine.
 */
export class PreviewGates {
  readonly #context: FaceContext;
  readonly #known = new Map<string, Known>();

  constructor(context: FaceContext) {
    this.#context = context;
  }

  /** Makes what was changed of a sandbox hold at its gates, if it has any. */
  update(sandbox: Sandbox): void {
    if (this.#known.has(sandbox.id)) this.#known.set(sandbox.id, knownOf(sandbox));
  }

  forget({ id }: Pick<Sandbox, "id">): void {
    this.#known.delete(id);
  }

  /** Where the port is reached, without a slash at the end. */
  async open(sandbox: Sandbox, port: number): Promise<string> {
    this.#known.set(sandbox.id, knownOf(sandbox));
    const { url } = await this.#context.openPreview({
      sandboxName: sandbox.name,
      port,
      admit: (request) => this.#admit(request, { id: sandbox.id, port }),
    });
    return url;
  }

  #admit(
    request: RequestHead,
    { id, port }: { id: string; port: number },
  ): Response | ForwardOptions | undefined {
    const known = this.#known.get(id);
    const url = new URL(request.url);
    const inQuery = url.searchParams.get(TOKEN_QUERY);
    const cookie = `daytona-preview-${id}-${port}`;
    const token = inQuery ?? request.headers.get(TOKEN_HEADER) ?? cookieOf(request, cookie);
    const isOpened = known && token !== null && this.#opens(token, { known, port });
    if (!isOpened && known?.public !== true) return this.#refuse(request, url);
    // What the program behind the port may see is the request as it came, not the key.
    const without = [TOKEN_HEADER];
    if (inQuery === null) return { without };
    const path = `${url.pathname}${withoutToken(url.search)}`;
    // A public port opens to any token: only one that is good is worth a cookie, which opens it later, too.
    if (!isOpened || !isNavigation(request)) return { path, without };
    // As a whole URL: a path that begins with two slashes alone would lead to another host.
    const location = `${url.origin}${path}`;
    return withCookie(location, `${cookie}=${this.#cookieValue(inQuery, { known, port })}`);
  }

  #opens(token: string, { known, port }: { known: Known; port: number }): boolean {
    if (isSameSecret(token, previewToken(this.#context, known))) return true;
    const expires = expiryOfPreviewToken(this.#context, known, { token, port });
    if (expires === undefined || token in known.endedPreviews) return false;
    return expires * 1_000 > this.#context.clock.now();
  }

  #cookieValue(token: string, { known, port }: { known: Known; port: number }): string {
    if (expiryOfPreviewToken(this.#context, known, { token, port }) !== undefined) return token;
    const expires = Math.floor(this.#context.clock.now() / 1_000) + COOKIE_S;
    return signedPreviewToken(this.#context, known, { port, expires });
  }

  #refuse({ method }: RequestHead, { pathname: path }: URL): Response {
    const message = `This preview asks for its token: in the header ${TOKEN_HEADER}, or in the query as ${TOKEN_QUERY}.`;
    const now = this.#context.clock.now();
    const place = { source: "DAYTONA_API" as const, method, path, now };
    return Response.json(presentFault(faultOfStatus(401), message, place), { status: 401 });
  }
}

function knownOf(sandbox: Sandbox): Known {
  const { public: isPublic, endedPreviews } = keptOf(sandbox);
  return { id: sandbox.id, public: isPublic, endedPreviews };
}

/** A query as it was written otherwise: programs tell `?raw` from `?raw=`. */
function withoutToken(search: string): string {
  const parts = search.slice(1).split("&");
  const kept = parts.filter((part) => !new URLSearchParams(part).has(TOKEN_QUERY));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

/** A browser's page asks for more by links that bear no token: from here on its cookie does. */
function withCookie(location: string, cookie: string): Response {
  const headers = { location, "set-cookie": `${cookie}; Path=/; HttpOnly; SameSite=Lax` };
  return new Response(null, { status: 307, headers });
}

function isNavigation({ method, headers }: RequestHead): boolean {
  return method === "GET" && (headers.get("accept") ?? "").includes("text/html");
}

function cookieOf({ headers }: RequestHead, name: string): string | null {
  const cookies = (headers.get("cookie") ?? "").split(/;\s*/);
  const mine = cookies.find((cookie) => cookie.startsWith(`${name}=`));
  return mine?.slice(name.length + 1) ?? null;
}
