import { readFileSync } from "node:fs";
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { found, RequestError } from "../engine/request-error.ts";
import type { Platform } from "../http/context.ts";
import { eventResponse } from "../http/event-response.ts";
import { isSignature, signature } from "../http/signatures.ts";
import { runStreamName } from "../protocol/stream-names.ts";
import type { Run } from "../store/run.ts";
import { runListPage, runTable } from "./run-list-view.ts";
import { runDetails, runPage } from "./run-view.ts";
import { streamTexts } from "./stream-texts.ts";

const COOKIE = "trigger-local";
const PING_MS = 15_000;

const HEADERS = secureHeaders({
  // There is no TLS on loopback.
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["data:"],
    frameAncestors: ["'none'"],
  },
});

/** The address of the page, with the key that opens it. */
export function pageAddress(url: string, secretKey: string): string {
  return `${url}/?key=${signature(secretKey, COOKIE)}`;
}

/** A page for people: the runs, and what each was given, gave back and writes. It changes nothing. */
export function pageRoutes({ engine, keys, ending }: Platform): Hono {
  const app = new Hono();
  const check = { secret: keys.secretKey, text: COOKIE };
  const runOf = (c: Context): Run => {
    const id = c.req.param("run") ?? "";
    return found(engine.runs.find(id), `Run ${id}`);
  };
  const asset = (name: string, type: string) => {
    const content = readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
    app.get(`/page/${name}`, (c) => c.body(content, 200, { "content-type": type }));
  };

  for (const path of ["/", "/page/*"]) {
    app.use(path, HEADERS);
    app.use(path, async (c, next) => {
      const key = c.req.query("key");
      if (key !== undefined && isSignature(key, check)) {
        setCookie(c, COOKIE, key, { httpOnly: true, sameSite: "Strict", path: "/" });
        return c.redirect("/");
      }
      if (!isSignature(getCookie(c, COOKIE) ?? "", check)) {
        throw new RequestError(
          401,
          "Open the page by the address that `npm run trigger:local` prints.",
        );
      }
      return next();
    });
  }
  asset("page.css", "text/css; charset=utf-8");
  asset("page.js", "text/javascript; charset=utf-8");

  app.get("/", (c) => c.html(runListPage(engine)));
  app.get("/page/runs", (c) => c.html(runTable(engine)));
  app.get("/page/runs/:run", (c) => c.html(runPage(engine, runOf(c))));
  app.get("/page/runs/:run/details", (c) => c.html(runDetails(engine, runOf(c))));

  app.get("/page/runs/:run/streams/:name", (c) => {
    const stream = runStreamName(runOf(c).id, c.req.param("name"));
    const signal = AbortSignal.any([c.req.raw.signal, ending]);
    return eventResponse(streamTexts(engine, { stream, signal, request: c.req.raw }), { signal });
  });

  app.get("/page/events", (c) => {
    const run = c.req.query("run");
    const signal = AbortSignal.any([c.req.raw.signal, ending]);
    async function* events(): AsyncGenerator<string> {
      while (!signal.aborted) {
        const key = run === undefined ? "runs" : `run:${run}`;
        const changed = await engine.changes.next(key, { timeoutMs: PING_MS, signal });
        yield changed ? "event: change\ndata: {}\n\n" : ": still here\n\n";
      }
    }
    return eventResponse(events(), { signal });
  });
  return app;
}
