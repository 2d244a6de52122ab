import { type Context, Hono } from "hono";
import * as z from "zod";
import type { Engine } from "../engine/engine.ts";
import { found, RequestError } from "../engine/request-error.ts";
import { appendToStream } from "../engine/stream-waits.ts";
import { inputStreamName, runStreamName } from "../protocol/stream-names.ts";
import { isFinal, type Run } from "../store/run.ts";
import { appendedRecord, envelope } from "./appended-record.ts";
import { readBody } from "./body.ts";
import type { Platform } from "./context.ts";
import { s2Headers } from "./s2-headers.ts";
import { followStream } from "./stream-reader.ts";

const InputBody = z.object({ data: z.unknown() });

/** The streams of runs: what they write under a key, and what they are sent under an id. */
export function streamRoutes(platform: Platform): Hono {
  const { engine, ending } = platform;
  const app = new Hono().basePath("/realtime/v1/streams/:run");
  const runOf = (c: Context): Run => {
    const id = c.req.param("run") ?? "";
    return found(engine.runs.find(id), `Run ${id}`);
  };

  // A stream is known to its run from the first writer on.
  const opened = (c: Context): string => {
    const key = c.req.param("key") ?? "";
    const run = targetOf(engine, runOf(c), c.req.param("target") ?? "");
    if (!run.streams.includes(key)) {
      run.streams.push(key);
      engine.runs.save(run);
    }
    return runStreamName(run.id, key);
  };

  app.post("/input/:id", async (c) => {
    const run = runOf(c);
    if (isFinal(run)) {
      throw new RequestError(400, "Cannot send to input stream on a completed run");
    }
    const { data } = await readBody(c.req.raw, InputBody);
    const record = envelope(JSON.stringify(data ?? null));
    appendToStream(engine, inputStreamName(run.id, c.req.param("id")), [record]);
    return c.json({ ok: true });
  });

  app.get("/input/:id", (c) => {
    const stream = inputStreamName(runOf(c).id, c.req.param("id"));
    return followStream(c.req.raw, { engine, stream, ending });
  });

  app.put("/:target/:key", (c) => c.json({ version: "v2" }, 201, s2Headers(platform, opened(c))));

  app.post("/:target/:key/append", async (c) => {
    const record = await appendedRecord(c.req.raw);
    appendToStream(engine, opened(c), [record]);
    return c.json({ ok: true });
  });

  app.get("/:key", (c) => {
    const stream = runStreamName(runOf(c).id, c.req.param("key"));
    return followStream(c.req.raw, { engine, stream, ending });
  });
  return app;
}

/** The run itself, its parent or its root; a run without them stands for all. */
function targetOf(engine: Engine, run: Run, target: string): Run {
  const id = target === "parent" ? run.parentId : target === "root" ? run.rootId : undefined;
  return id === undefined ? run : (engine.runs.find(id) ?? run);
}
