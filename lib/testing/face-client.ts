import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { vercelFace, type VercelFaceOptions } from "../faces/vercel/vercel-face.ts";
import type { Log } from "../engine/ports.ts";
import { scriptedEngine } from "./scripted-engine.ts";
import { callFace } from "./face-call.ts";

/** What the vendor's SDK wants to know about a caller. Nothing here looks at it. */
export const CREDENTIALS = { token: "token", teamId: "team_test", projectId: "prj_test" };

/** A `fetch` for the vendor's SDKs that ends in a face, with no network in between. */
export function fetchOf(face: { fetch(request: Request): Promise<Response> }): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    // What the SDKs believe to be the API's place is the transport's business.
    const path = url.pathname.replace(/^\/api/, "");
    const { dispatcher: _dispatcher, ...rest }: RequestInit & { dispatcher?: unknown } = init ?? {};
    return face.fetch(
      new Request(`http://face.test${path}${url.search}`, { ...rest, duplex: "half" }),
    );
  };
}

/** A face over a scripted engine, and what a test needs around it. */
export function scriptedFace({
  offered = true,
  ...options
}: { offered?: boolean } & Partial<VercelFaceOptions> = {}) {
  const scripted = scriptedEngine({ offered });
  const lines: { message: string; fields: Record<string, unknown> }[] = [];
  const log: Log = {
    info: (message, fields = {}) => void lines.push({ message, fields }),
    warn: (message, fields = {}) => void lines.push({ message, fields }),
  };
  const face = vercelFace({
    engine: scripted.engine,
    openInteractive: async (sessionId) => ({
      url: `ws://127.0.0.1:1/terminal/${sessionId}`,
      token: "secret",
    }),
    log,
    ...options,
  });
  const fetch = fetchOf(face);
  /** One request, its JSON body (if any) and its answer's JSON. */
  const call = (method: string, path: string, body?: unknown) =>
    callFace(face, [method, path], body);
  return { ...scripted, face, fetch, call, lines, caller: { ...CREDENTIALS, fetch } };
}

/** A module of a vendor's package that it does not export: for comparing with what its SDK would take. */
export async function vendorModule(name: string, path: string): Promise<Record<string, unknown>> {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve(`${name}/package.json`));
  return (await import(pathToFileURL(join(root, "dist", path)).href)) as Record<string, unknown>;
}
