import {
  createJsonErrorObject,
  type ListRunResponseItem,
  type RetrieveRunResponse,
  type RunStatus,
} from "@trigger.dev/core/v3";
import { withoutUndefined } from "../../lib/std/without-undefined.ts";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../store/run.ts";
import { packetValue } from "./packet-value.ts";
import { IDENTITY } from "./identity.ts";

/** The API's word for each status. */
const API_STATUS: Record<Run["status"], RunStatus> = {
  DELAYED: "DELAYED",
  PENDING: "QUEUED",
  PENDING_VERSION: "PENDING_VERSION",
  WAITING_FOR_DEPLOY: "PENDING_VERSION",
  DEQUEUED: "DEQUEUED",
  EXECUTING: "EXECUTING",
  RETRYING_AFTER_FAILURE: "EXECUTING",
  WAITING_TO_RESUME: "WAITING",
  PAUSED: "WAITING",
  CANCELED: "CANCELED",
  INTERRUPTED: "FAILED",
  COMPLETED_SUCCESSFULLY: "COMPLETED",
  COMPLETED_WITH_ERRORS: "FAILED",
  SYSTEM_FAILURE: "SYSTEM_FAILURE",
  CRASHED: "CRASHED",
  EXPIRED: "EXPIRED",
  TIMED_OUT: "TIMED_OUT",
};

const QUEUED: readonly RunStatus[] = ["QUEUED", "PENDING_VERSION", "DELAYED"];
const EXECUTING: readonly RunStatus[] = ["EXECUTING", "DEQUEUED"];
const FAILED: readonly RunStatus[] = [
  "FAILED",
  "CRASHED",
  "SYSTEM_FAILURE",
  "EXPIRED",
  "TIMED_OUT",
];

export function apiStatus(run: Run): RunStatus {
  return API_STATUS[run.status];
}

/** Our words for one of the API's. */
export function statusesOf(status: string): string[] {
  return Object.entries(API_STATUS)
    .filter(([, api]) => api === status)
    .map(([ours]) => ours);
}

/** A run in a list. */
export function listedRun(run: Run): ListRunResponseItem {
  return {
    ...commonFields(run),
    env: { id: IDENTITY.environment.id, name: IDENTITY.environment.slug },
  };
}

/** A run with its payload, its output and its relatives. `packetUrl` gives the address of what is stored apart. */
export function retrievedRun(
  engine: Engine,
  run: Run,
  packetUrl: (path: string) => string,
): RetrieveRunResponse {
  const parent = run.parentId === undefined ? undefined : engine.runs.find(run.parentId);
  const root = run.rootId === undefined ? undefined : engine.runs.find(run.rootId);
  const payload = packetField(engine.runs.payload(run.id), run.payloadType, packetUrl);
  const output = packetField(engine.runs.output(run.id), run.outputType, packetUrl);
  return {
    ...relatedFields(run),
    ...withoutUndefined({
      payload: payload.value,
      payloadPresignedUrl: payload.url,
      output: output.value,
      outputPresignedUrl: output.url,
      error: run.error && createJsonErrorObject(run.error),
    }),
    relatedRuns: {
      ...(parent && { parent: relatedFields(parent) }),
      ...(root && { root: relatedFields(root) }),
      children: engine.runs.children(run.id).map(relatedFields),
    },
    attemptCount: run.attempt,
  };
}

function packetField(
  data: string | undefined,
  type: string | undefined,
  packetUrl: (path: string) => string,
): { value?: unknown; url?: string } {
  if (data === undefined) return {};
  if (type === "application/store") return { url: packetUrl(data) };
  return { value: packetValue(data, type) };
}

function relatedFields(run: Run) {
  return {
    ...commonFields(run),
    depth: run.depth,
    triggerFunction: run.batchId
      ? run.resumesParent
        ? ("batchTriggerAndWait" as const)
        : ("batchTrigger" as const)
      : run.resumesParent
        ? ("triggerAndWait" as const)
        : ("trigger" as const),
    ...(run.batchId !== undefined && { batchId: run.batchId }),
  };
}

function commonFields(run: Run) {
  const status = apiStatus(run);
  const date = (time: number | undefined) => (time === undefined ? undefined : new Date(time));
  return {
    id: run.id,
    status,
    taskIdentifier: run.task,
    isQueued: QUEUED.includes(status),
    isExecuting: EXECUTING.includes(status),
    isWaiting: status === "WAITING",
    isCompleted: run.completedAt !== undefined,
    isSuccess: status === "COMPLETED",
    isFailed: FAILED.includes(status),
    isCancelled: status === "CANCELED",
    isTest: run.isTest,
    createdAt: new Date(run.createdAt),
    updatedAt: new Date(run.updatedAt),
    tags: run.tags,
    costInCents: 0,
    baseCostInCents: 0,
    durationMs: run.usageMs,
    ...withoutUndefined({
      idempotencyKey: run.idempotencyKeyOptions?.key ?? run.idempotencyKey,
      version: run.workerVersion,
      startedAt: date(run.startedAt),
      finishedAt: date(run.completedAt),
      delayedUntil: date(run.delayUntil),
      ttl: run.ttl,
      expiredAt: date(run.expiredAt),
      metadata: run.metadata === undefined ? undefined : JSON.parse(run.metadata),
    }),
  };
}
