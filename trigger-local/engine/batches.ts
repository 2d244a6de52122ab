import type { BatchItemNDJSON, CreateBatchRequestBody } from "@trigger.dev/core/v3";
import { generateFriendlyId } from "@trigger.dev/core/v3/isomorphic";
import type { Batch } from "../store/batch-store.ts";
import { isFinal } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { RequestError } from "./request-error.ts";
import { triggerRun } from "./trigger-run.ts";
import { blockRun, completeWaitpoint, createWaitpoint } from "./waits.ts";

/** Makes a batch, or gives the one that the key stands for. A parent that waits is held up from now on. */
export function createBatch(
  engine: Engine,
  request: CreateBatchRequestBody,
): { batch: Batch; isCached: boolean } {
  const { idempotencyKey, parentRunId, runCount } = request;
  const known = idempotencyKey === undefined ? undefined : engine.batches.findByKey(idempotencyKey);
  if (known) return { batch: known, isCached: true };
  const now = Date.now();
  const batch: Batch = {
    id: generateFriendlyId("batch"),
    runCount,
    runIds: Array.from({ length: runCount }, () => null),
    sealed: false,
    waitpointId: createWaitpoint(engine, { type: "BATCH" }).id,
    resumesParent: request.resumeParentOnCompletion ?? false,
    createdAt: now,
    updatedAt: now,
    ...(parentRunId !== undefined && { parentId: parentRunId }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
  engine.batches.save(batch);
  const parent = batch.parentId === undefined ? undefined : engine.runs.find(batch.parentId);
  if (parent && batch.resumesParent) {
    blockRun(engine, parent, [{ waitpointId: batch.waitpointId }]);
  }
  return { batch, isCached: false };
}

/** Triggers an item of the batch, once for each index. Whether it was new. */
export function addToBatch(engine: Engine, batch: Batch, item: BatchItemNDJSON): boolean {
  if (item.index >= batch.runCount) {
    throw new RequestError(
      400,
      `The batch has ${batch.runCount} items, and none at ${item.index}.`,
    );
  }
  if (batch.runIds[item.index] !== null) return false;
  const { run } = triggerRun(engine, {
    task: item.task,
    body: {
      payload: item.payload,
      options: {
        ...item.options,
        parentRunId: batch.parentId,
        resumeParentOnCompletion: batch.resumesParent,
      },
    },
    batch: { id: batch.id, index: item.index },
  });
  batch.runIds[item.index] = run.id;
  engine.batches.save(batch);
  return true;
}

/** Ends the coming in of items. Whether all are there. */
export function sealBatch(engine: Engine, batch: Batch): boolean {
  if (batch.runIds.includes(null)) return false;
  batch.sealed = true;
  engine.batches.save(batch);
  completeWaitpoint(engine, batch.waitpointId, {});
  return true;
}

/** Where the batch is: its items come in, its runs run, or all are over. */
export function batchStatus(engine: Engine, batch: Batch): "PENDING" | "PROCESSING" | "COMPLETED" {
  if (!batch.sealed) return "PENDING";
  const runs = batch.runIds.map((id) => engine.runs.find(id ?? ""));
  return runs.every((run) => run && isFinal(run)) ? "COMPLETED" : "PROCESSING";
}
