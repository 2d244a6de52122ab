import {
  AddTagsRequestBody,
  RescheduleRunRequestBody,
  TriggerTaskRequestBody,
  UpdateMetadataRequestBody,
} from "@trigger.dev/core/v3";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { cancelRun } from "../engine/cancel.ts";
import { metadataOf, updateMetadata } from "../engine/metadata.ts";
import { enqueueRun } from "../engine/queueing.ts";
import { found, RequestError } from "../engine/request-error.ts";
import { timeOf } from "../engine/times.ts";
import { tagsOf, triggerRun } from "../engine/trigger-run.ts";
import { IDENTITY } from "../protocol/identity.ts";
import { listedRun, retrievedRun } from "../protocol/run-answers.ts";
import type { Run } from "../store/run.ts";
import { parse, readBody } from "./body.ts";
import type { Platform } from "./context.ts";
import { RunListQuery, runFilter } from "./run-list-query.ts";

const ResetBody = z.object({ taskIdentifier: z.string() });

/** What programs and tasks do with runs: trigger, look, tag, cancel. */
export function runRoutes({ engine, packets, url }: Platform): Hono {
  const app = new Hono();
  const runOf = (c: Context): Run => {
    const id = c.req.param("run") ?? "";
    return found(engine.runs.find(id), `Run ${id}`);
  };
  const packetUrl = (path: string) => `${url()}${packets.address(path)}`;

  app.post("/api/v1/tasks/:task/trigger", async (c) => {
    const body = await readBody(c.req.raw, TriggerTaskRequestBody);
    const { run, isCached } = triggerRun(engine, {
      task: c.req.param("task"),
      body,
      traceContext: traceContext(c.req.raw),
    });
    c.header("x-trigger-jwt-claims", JSON.stringify({ sub: IDENTITY.environment.id, pub: true }));
    return c.json({ id: run.id, isCached });
  });

  app.get("/api/v3/runs/:run", (c) => c.json(retrievedRun(engine, runOf(c), packetUrl)));

  app.get("/api/v1/runs", (c) => {
    const query = parse(RunListQuery, c.req.query());
    const limit = query["page[size]"];
    const after = query["page[after]"];
    const last = after === undefined ? undefined : found(engine.runs.find(after), `Run ${after}`);
    const runs = engine.runs.list(runFilter(query), {
      limit: limit + 1,
      ...(last && { beforeNumber: last.number }),
    });
    const page = runs.slice(0, limit);
    const next = runs.length > limit ? page.at(-1)?.id : undefined;
    return c.json({
      data: page.map(listedRun),
      pagination: { ...(next !== undefined && { next }) },
    });
  });

  app.post("/api/v2/runs/:run/cancel", (c) => {
    const run = runOf(c);
    cancelRun(engine, run, "The run was canceled by a user.");
    return c.json({ id: run.id });
  });

  app.post("/api/v1/runs/:run/tags", async (c) => {
    const { tags } = await readBody(c.req.raw, AddTagsRequestBody);
    const run = runOf(c);
    engine.runs.addTags(run, tagsOf([...run.tags, ...[tags].flat()]));
    return c.json({ message: `Successfully set ${run.tags.length} tags.` });
  });

  app.put("/api/v1/runs/:run/metadata", async (c) => {
    const update = await readBody(c.req.raw, UpdateMetadataRequestBody);
    const run = runOf(c);
    updateMetadata(engine, run, update);
    return c.json({ metadata: metadataOf(run) });
  });

  app.get("/api/v1/runs/:run/metadata", (c) => c.json({ metadata: metadataOf(runOf(c)) }));

  app.post("/api/v1/runs/:run/reschedule", async (c) => {
    const { delay } = await readBody(c.req.raw, RescheduleRunRequestBody);
    const run = runOf(c);
    if (run.status !== "DELAYED") {
      throw new RequestError(
        400,
        `Run ${run.id} is ${run.status}: only delayed runs can be moved.`,
      );
    }
    run.delayUntil = timeOf(delay, "delay");
    enqueueRun(engine, run, { availableAt: run.delayUntil, description: "The run was moved." });
    return c.json(retrievedRun(engine, run, packetUrl));
  });

  app.post("/api/v1/idempotencyKeys/:key/reset", async (c) => {
    const { taskIdentifier } = await readBody(c.req.raw, ResetBody);
    const key = c.req.param("key");
    const run = found(engine.runs.findByKey(taskIdentifier, key), `Idempotency key ${key}`);
    delete run.idempotencyKey;
    engine.runs.save(run);
    return c.json({ id: key });
  });
  return app;
}

function traceContext(request: Request): Record<string, unknown> {
  const traceparent = request.headers.get("traceparent");
  const tracestate = request.headers.get("tracestate");
  return {
    ...(traceparent !== null && { traceparent }),
    ...(tracestate !== null && { tracestate }),
  };
}
