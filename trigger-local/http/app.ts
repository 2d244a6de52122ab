import { Hono } from "hono";
import { RequestError } from "../engine/request-error.ts";
import { pageRoutes } from "../page/page-routes.ts";
import { authorize } from "./authorize.ts";
import { batchRoutes } from "./batch-routes.ts";
import { cliRoutes } from "./cli-routes.ts";
import type { Platform } from "./context.ts";
import { devRoutes } from "./dev-routes.ts";
import { packetRoutes } from "./packet-routes.ts";
import { realtimeRoutes } from "./realtime-routes.ts";
import { runRoutes } from "./run-routes.ts";
import { s2Routes } from "./s2-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { sessionStreamRoutes } from "./session-stream-routes.ts";
import { streamRoutes } from "./stream-routes.ts";
import { waitRoutes } from "./wait-routes.ts";

/** What needs no bearer: it is signed itself, nothing is done with it, or it is the page, which has a cookie. */
const OPEN_PATHS = [
  /^\/$/,
  /^\/page\//,
  /^\/packets\//,
  /^\/otel\//,
  /^\/api\/v1\/waitpoints\/tokens\/[^/]+\/callback\//,
];

/** The platform's API over HTTP/1.1. */
export function createApp(platform: Platform): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (!OPEN_PATHS.some((path) => path.test(c.req.path))) {
      await authorize(c.req.raw, platform.keys);
    }
    await next();
  });
  const rooms = [
    cliRoutes,
    devRoutes,
    runRoutes,
    batchRoutes,
    waitRoutes,
    streamRoutes,
    sessionRoutes,
    sessionStreamRoutes,
    realtimeRoutes,
    packetRoutes,
    pageRoutes,
    s2Routes,
  ];
  for (const room of rooms) app.route("/", room(platform));
  app.notFound((c) =>
    c.json({ error: `The local platform does not know ${c.req.method} ${c.req.path}.` }, 404),
  );
  app.onError((error, c) => {
    if (error instanceof RequestError) {
      // The same request gets the same answer, but clients try some of these again.
      c.header("x-should-retry", "false");
      return c.json({ error: error.message }, error.status);
    }
    // Whoever asked has left, or the platform ends.
    if (c.req.raw.signal.aborted || platform.ending.aborted) {
      return c.json({ error: "The local platform is ending." }, 503);
    }
    process.stderr.write(`${c.req.method} ${c.req.path}: ${error.stack ?? String(error)}\n`);
    return c.json({ error: "The local platform failed; its terminal says how." }, 500);
  });
  return app;
}
