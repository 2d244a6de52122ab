import { Hono } from "hono";
import * as z from "zod";
import { found } from "../engine/request-error.ts";
import { SHAPE_SCHEMA, shapeMessage } from "../protocol/electric-shape.ts";
import type { RunFilter } from "../store/run-filter.ts";
import { parse } from "./body.ts";
import type { Platform } from "./context.ts";

const LONG_POLL_MS = 20_000;

const ShapeQuery = z.object({
  /** `-1` at first, then what the last answer said: the revision up to which the client has everything. */
  offset: z
    .string()
    .regex(/^(-1|\d+_\d+)$/)
    .default("-1"),
  live: z.enum(["true", "false"]).default("false"),
  skipColumns: z.string().default(""),
  tags: z.string().optional(),
});

/** Runs as Electric's shapes, for whoever subscribes to them: rows at first, then what changes, by long polls. */
export function realtimeRoutes({ engine, ending }: Platform): Hono {
  const app = new Hono().basePath("/realtime/v1");

  app.get("/runs/:run", (c) => {
    const id = c.req.param("run");
    found(engine.runs.find(id), `Run ${id}`);
    return shape(c.req.raw, { ids: [id] });
  });

  app.get("/runs", (c) => {
    const { tags } = parse(ShapeQuery, c.req.query());
    return shape(c.req.raw, { tags: tags?.split(",") ?? [] });
  });

  app.get("/batches/:batch", (c) => shape(c.req.raw, { batchId: c.req.param("batch") }));

  async function shape(request: Request, filter: RunFilter): Promise<Response> {
    const query = parse(ShapeQuery, Object.fromEntries(new URL(request.url).searchParams));
    const known = Number.parseInt(query.offset, 10);
    const signal = AbortSignal.any([request.signal, ending]);
    const [only, ...others] = filter.ids ?? [];
    const changes = only !== undefined && others.length === 0 ? `run:${only}` : "runs";
    let runs = engine.runs.changedAfter(known, filter);
    const until = Date.now() + LONG_POLL_MS;
    while (query.live === "true" && runs.length === 0 && Date.now() < until && !signal.aborted) {
      await engine.changes.next(changes, { timeoutMs: until - Date.now(), signal });
      runs = engine.runs.changedAfter(known, filter);
    }
    const skipped = new Set(query.skipColumns.split(","));
    const operation = known < 0 ? "insert" : "update";
    const messages = runs.map((run) => shapeMessage(engine, run, { operation, skipped }));
    const offset = Math.max(known, runs.at(-1)?.revision ?? 0);
    return Response.json([...messages, { headers: { control: "up-to-date" } }], {
      headers: {
        "electric-handle": "runs",
        "electric-offset": `${offset}_0`,
        "electric-schema": JSON.stringify(SHAPE_SCHEMA),
        "electric-cursor": String(offset),
        "electric-up-to-date": "",
        "cache-control": "no-store",
      },
    });
  }
  return app;
}
