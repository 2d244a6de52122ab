import { generateFriendlyId } from "@trigger.dev/core/v3/isomorphic";
import type { TriggerTaskRequestBody } from "@trigger.dev/core/v3";
import { withoutUndefined } from "../../lib/std/without-undefined.ts";
import { jsonOrText } from "../protocol/packet-value.ts";
import type { Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { enqueueRun } from "./queueing.ts";
import { RequestError } from "./request-error.ts";
import { keyExpiry, timeOf } from "./times.ts";
import { blockRun, createWaitpoint } from "./waits.ts";

export interface TriggerRequest {
  task: string;
  body: TriggerTaskRequestBody;
  traceContext?: Record<string, unknown>;
  batch?: { id: string; index: number };
}

const MAX_TAGS = 10;

/**
 * Makes a run and queues it, or gives the one that its idempotency key stands for; a parent that waits for it is
 * held up. Throws a 400 for options that make no sense.
 */
export function triggerRun(
  engine: Engine,
  request: TriggerRequest,
): { run: Run; isCached: boolean } {
  const options = request.body.options ?? {};
  const cached = cachedRun(engine, request.task, options.idempotencyKey);
  const parent = options.parentRunId ? engine.runs.find(options.parentRunId) : undefined;
  const run = cached ?? insertRun(engine, request, parent);
  if (parent && options.resumeParentOnCompletion) {
    const { batch } = request;
    blockRun(engine, parent, [{ waitpointId: run.waitpointId, ...(batch && { batch }) }]);
  }
  return { run, isCached: cached !== undefined };
}

function cachedRun(engine: Engine, task: string, key: string | undefined): Run | undefined {
  const run = key === undefined ? undefined : engine.runs.findByKey(task, key);
  if (!run || (run.idempotencyKeyExpiresAt ?? 0) > Date.now()) return run;
  delete run.idempotencyKey;
  engine.runs.save(run);
  return undefined;
}

function insertRun(engine: Engine, request: TriggerRequest, parent: Run | undefined): Run {
  const run = newRun(engine, request, parent);
  createWaitpoint(engine, { id: run.waitpointId, type: "RUN", runId: run.id });
  engine.runs.insert(run, payloadText(request.body.payload));
  if (run.status === "DELAYED" && run.delayUntil !== undefined) {
    enqueueRun(engine, run, { availableAt: run.delayUntil, description: "The run is delayed." });
  } else {
    enqueueRun(engine, run, { description: "The run was queued." });
  }
  return run;
}

function newRun(
  engine: Engine,
  { task, body, traceContext, batch }: TriggerRequest,
  parent: Run | undefined,
): Run {
  const options = body.options ?? {};
  const id = generateFriendlyId("run");
  const now = Date.now();
  const resource = engine.workers.latest?.metadata.tasks.find((known) => known.id === task);
  const delayUntil = options.delay === undefined ? undefined : timeOf(options.delay, "delay");
  const ttl = ttlOf(options.ttl ?? resource?.ttl ?? engine.options.defaultTtl);
  return {
    id,
    number: engine.runs.nextNumber(),
    task,
    queue: options.queue?.name ?? resource?.queue?.name ?? `task/${task}`,
    priority: options.priority ?? 0,
    payloadType: options.payloadType ?? "application/json",
    metadataType: options.metadataType ?? "application/json",
    createdAt: now,
    updatedAt: now,
    depth: parent ? parent.depth + 1 : 0,
    resumesParent: options.resumeParentOnCompletion ?? false,
    machine: options.machine ?? resource?.machine?.preset ?? "small-1x",
    traceContext: traceContext ?? {},
    isTest: options.test ?? false,
    waitpointId: generateFriendlyId("waitpoint"),
    revision: 0,
    status: delayUntil === undefined || delayUntil <= now ? "PENDING" : "DELAYED",
    snapshot: {
      id: generateFriendlyId("snapshot"),
      executionStatus: "RUN_CREATED",
      description: "The run was made.",
      createdAt: now,
    },
    attemptSnapshots: [],
    attempt: 0,
    tags: tagsOf(options.tags),
    streams: [],
    blocks: [],
    completedWaitpoints: [],
    usageMs: 0,
    ...withoutUndefined({
      concurrencyKey: options.concurrencyKey,
      limits: options.concurrency,
      idempotencyKey: options.idempotencyKey,
      idempotencyKeyExpiresAt:
        options.idempotencyKey === undefined ? undefined : keyExpiry(options.idempotencyKeyTTL),
      idempotencyKeyOptions: options.idempotencyKeyOptions,
      ttl,
      delayUntil,
      parentId: parent?.id,
      rootId: parent?.rootId ?? parent?.id,
      batchId: batch?.id,
      batchIndex: batch?.index,
      maxAttempts: options.maxAttempts ?? resource?.retry?.maxAttempts,
      maxDuration: options.maxDuration ?? resource?.maxDuration,
      metadata: metadataText(options.metadata),
    }),
  };
}

/** At most ten tags, each once. */
export function tagsOf(tags: string | string[] | undefined): string[] {
  const list = [...new Set(typeof tags === "string" ? [tags] : (tags ?? []))];
  if (list.length > MAX_TAGS) {
    throw new RequestError(
      422,
      `Runs can only have ${MAX_TAGS} tags, and ${list.length} were given. Leave some out.`,
    );
  }
  return list;
}

/** As a duration; 0 is for ever. Throws a 400 for what is none. */
function ttlOf(ttl: string | number): string | undefined {
  const duration = typeof ttl === "number" ? `${ttl}s` : ttl;
  if (ttl === 0) return undefined;
  timeOf(duration, "ttl");
  return duration;
}

// The SDK sends packets, which are texts already; other callers send plain JSON.
function payloadText(payload: unknown): string | undefined {
  if (payload === undefined) return undefined;
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}

// Tasks get it as an object, so it has to be one.
function metadataText(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const value = typeof metadata === "string" ? jsonOrText(metadata) : metadata;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  throw new RequestError(400, "metadata is no object. Leave it out, or give an object.");
}
