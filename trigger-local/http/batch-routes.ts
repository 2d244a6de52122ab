import { BatchItemNDJSON, CreateBatchRequestBody } from "@trigger.dev/core/v3";
import { Hono } from "hono";
import { addToBatch, batchStatus, createBatch, sealBatch } from "../engine/batches.ts";
import { found } from "../engine/request-error.ts";
import { IDENTITY } from "../protocol/identity.ts";
import { parse, parseJson, readBody } from "./body.ts";
import type { Platform } from "./context.ts";

/** Runs that are triggered together: the batch first, then its items, a line each. */
export function batchRoutes({ engine }: Platform): Hono {
  const app = new Hono();
  const batchOf = (id: string) => found(engine.batches.find(id), `Batch ${id}`);

  app.post("/api/v3/batches", async (c) => {
    const body = await readBody(c.req.raw, CreateBatchRequestBody);
    const { batch, isCached } = createBatch(engine, body);
    c.header("x-trigger-jwt-claims", JSON.stringify({ sub: IDENTITY.environment.id, pub: true }));
    const { id, runCount, idempotencyKey } = batch;
    return c.json({ id, runCount, isCached, idempotencyKey }, 202);
  });

  app.post("/api/v3/batches/:batch/items", async (c) => {
    const batch = batchOf(c.req.param("batch"));
    const lines = (await c.req.text()).split("\n").filter((line) => line.trim() !== "");
    const items = lines.map((line) => parse(BatchItemNDJSON, parseJson(line)));
    let itemsAccepted = 0;
    for (const item of items) if (addToBatch(engine, batch, item)) itemsAccepted += 1;
    return c.json({
      id: batch.id,
      itemsAccepted,
      itemsDeduplicated: items.length - itemsAccepted,
      sealed: sealBatch(engine, batch),
      enqueuedCount: batch.runIds.filter((id) => id !== null).length,
      expectedCount: batch.runCount,
    });
  });

  app.get("/api/v2/batches/:batch", (c) => {
    const batch = batchOf(c.req.param("batch"));
    return c.json({
      id: batch.id,
      status: batchStatus(engine, batch),
      idempotencyKey: batch.idempotencyKey,
      createdAt: new Date(batch.createdAt),
      updatedAt: new Date(batch.updatedAt),
      runCount: batch.runCount,
      runs: batch.runIds.filter((id) => id !== null),
      processing: { errors: [] },
    });
  });
  return app;
}
