import { Hono } from "hono";
import { SandboxError } from "../../contract/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Face, SandboxHint } from "../../engine/face.ts";
import type { Log } from "../../engine/ports.ts";
import { abortable } from "../../std/abortable.ts";
import { type Call, type Endpoint, errorAnswer, type FaceContext } from "./answers.ts";
import { commandEndpoints } from "./command-endpoints.ts";
import { driveEndpoints } from "./drive-endpoints.ts";
import { fileEndpoints } from "./file-endpoints.ts";
import { sandboxEndpoints } from "./sandbox-endpoints.ts";
import { sessionEndpoints } from "./session-endpoints.ts";
import { snapshotEndpoints } from "./snapshot-endpoints.ts";
import { v1Endpoints } from "./v1-endpoints.ts";

export interface VercelFaceOptions {
  engine: Engine;
  /** Serves a WebSocket to a terminal in the session; its URL has no query, for the client adds the token as one. */
  openInteractive: (sessionId: string) => Promise<{ url: string; token: string }>;
  log: Log;
  /** How long a stream may be silent before a keep-alive is sent. Default 20 s. */
  keepAliveMs?: number;
  /** How long an answer may hold back its status. Default 30 s. */
  patienceMs?: number;
}

/**
 * The Vercel Sandbox API, as paths that begin with /v1, /v2 or /v3. Who may call is the transport's
 * business. `fetch` answers whatever is asked, by an error's status if need be; it rejects only with the
 * reason of the request's own signal.
 */
export function vercelFace(options: VercelFaceOptions): Face {
  const context: FaceContext = { keepAliveMs: 20_000, patienceMs: 30_000, ...options };
  const app = new Hono();
  // What has a fixed word where others have a name comes first.
  const current = [
    ...sessionEndpoints(context),
    ...commandEndpoints(context),
    ...fileEndpoints(context),
    ...snapshotEndpoints(context),
    ...driveEndpoints(context),
    ...sandboxEndpoints(context),
  ];
  mount(app, { version: "v1", endpoints: v1Endpoints(context), context });
  mount(app, { version: "v2", endpoints: current, context });
  mount(app, { version: "v3", endpoints: current, context });
  const { log } = context;
  app.notFound(({ req: { raw } }) => {
    const { pathname } = new URL(raw.url);
    const message = `There is nothing at ${pathname}. This is the sandbox API: its paths begin with /v1, /v2 or /v3, then /sandboxes.`;
    return errorAnswer(new SandboxError("not_found", message), { log, during: pathname });
  });
  app.onError((error, { req: { raw } }) => {
    // Nobody reads this one: `fetch` has rejected already.
    if (raw.signal.aborted) return new Response(null, { status: 499 });
    return errorAnswer(error, { log, during: `${raw.method} ${new URL(raw.url).pathname}` });
  });
  return {
    async fetch(request) {
      request.signal.throwIfAborted();
      const answer = answerRequest(app, request, log);
      try {
        return await abortable(answer, request.signal);
      } catch (error) {
        // The answer that nobody waits for any more must not keep a reader of the engine's open.
        void answer.then(({ body }) => body?.cancel(error)).catch(() => undefined);
        throw error;
      }
    },
    sandboxOf: ({ url }) => sandboxOf(new URL(url).pathname),
  };
}

// Where others have a sandbox's name, these stand for something else.
const WORDS = new Set(["snapshots", "drives"]);

function sandboxOf(path: string): SandboxHint | undefined {
  const parts = /^\/v\d\/sandboxes\/(?:(sessions)\/)?([^/]+)/.exec(path);
  const named = parts?.[2];
  if (named === undefined || (!parts?.[1] && (WORDS.has(named) || named === "sessions"))) {
    return undefined;
  }
  return parts?.[1] ? { sessionId: named } : { name: named };
}

async function answerRequest(app: Hono, request: Request, log: Log): Promise<Response> {
  // Hono would run the GET, and nothing here is worth that without its body.
  if (request.method === "HEAD") return refuseMethod(request, { allow: "GET", log });
  return app.fetch(request);
}

function mount(
  app: Hono,
  {
    version,
    endpoints,
    context,
  }: {
    version: Call["version"];
    endpoints: Endpoint[];
    context: FaceContext;
  },
): void {
  const byPath = Map.groupBy(endpoints, ({ path }) => path);
  for (const [path, methods] of byPath) {
    const full = `/${version}${path}`;
    for (const { method, answer } of methods) {
      app.on(method, full, ({ req }) =>
        answer({
          request: req.raw,
          url: new URL(req.url),
          // Hono's type depends on the path's text, which is not known here.
          parameter: (name) => req.param(name) ?? "",
          version,
        }),
      );
    }
    const allow = methods.map(({ method }) => method).join(", ");
    app.all(full, ({ req: { raw } }) => refuseMethod(raw, { allow, log: context.log }));
  }
}

function refuseMethod(request: Request, { allow, log }: { allow: string; log: Log }): Response {
  const { pathname } = new URL(request.url);
  const message = `${request.method} is not answered at ${pathname}; use ${allow}.`;
  const error = new SandboxError("method_not_allowed", message);
  return errorAnswer(error, { log, during: pathname, headers: { allow } });
}
