import type {
  CompletedWaitpoint,
  DequeuedMessage,
  ExecutionResult,
  RunExecutionData,
  TaskRunExecution,
} from "@trigger.dev/core/v3";
import type { Dequeued } from "../engine/dequeue.ts";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../store/run.ts";
import { IDENTITY } from "./identity.ts";
import { machinePreset } from "./machines.ts";

type ExecutionSnapshot = ExecutionResult["snapshot"];
type RunState = ExecutionResult["run"];

/** A run and its snapshot, as each answer to a worker has them. */
export function executionResult(run: Run): { snapshot: ExecutionSnapshot; run: RunState } {
  const { id, executionStatus, description, createdAt } = run.snapshot;
  return {
    snapshot: {
      id,
      friendlyId: id,
      executionStatus,
      description,
      createdAt: new Date(createdAt),
    },
    run: {
      id: run.id,
      friendlyId: run.id,
      status: run.status,
      attemptNumber: run.attempt,
      taskEventStore: "taskEvent",
    },
  };
}

/** The latest snapshot of a run, with what its last wait ended with. */
export function executionData(run: Run): RunExecutionData {
  return {
    version: "1",
    ...executionResult(run),
    completedWaitpoints: run.completedWaitpoints.map(reviveWaitpoint),
  };
}

/** A run that a worker is to begin. */
export function dequeuedMessage({ run, worker }: Dequeued): DequeuedMessage {
  return {
    version: "1",
    snapshot: executionResult(run).snapshot,
    dequeuedAt: new Date(),
    completedWaitpoints: [],
    backgroundWorker: { id: worker.id, friendlyId: worker.id, version: worker.version },
    deployment: {},
    run: {
      id: run.id,
      friendlyId: run.id,
      isTest: run.isTest,
      isReplay: false,
      machine: machinePreset(run.machine),
      attemptNumber: run.attempt,
      masterQueue: "main",
      traceContext: run.traceContext,
    },
    environment: { id: IDENTITY.environment.id, type: IDENTITY.environment.type },
    organization: { id: IDENTITY.organization.id },
    project: { id: IDENTITY.project.id },
  };
}

/** All that a worker needs to know to execute the attempt that has begun. */
export function taskExecution(engine: Engine, run: Run): TaskRunExecution {
  const task = engine.workers.latest?.metadata.tasks.find(({ id }) => id === run.task);
  const key = run.idempotencyKeyOptions?.key ?? run.idempotencyKey;
  const scope = run.idempotencyKeyOptions?.scope;
  return {
    task: { id: run.task, filePath: task?.filePath ?? "", exportName: task?.exportName },
    attempt: { number: run.attempt, startedAt: new Date() },
    run: {
      id: run.id,
      payload: engine.runs.payload(run.id) ?? "{}",
      payloadType: run.payloadType,
      tags: run.tags,
      isTest: run.isTest,
      isReplay: false,
      createdAt: new Date(run.createdAt),
      startedAt: new Date(run.startedAt ?? Date.now()),
      durationMs: run.usageMs,
      costInCents: 0,
      baseCostInCents: 0,
      priority: run.priority,
      traceContext: run.traceContext,
      realtimeStreamsVersion: "v2",
      ...(key !== undefined && { idempotencyKey: key }),
      ...(scope !== undefined && { idempotencyKeyScope: scope }),
      ...(run.maxAttempts !== undefined && { maxAttempts: run.maxAttempts }),
      ...(run.maxDuration !== undefined && { maxDuration: run.maxDuration }),
      ...(run.workerVersion !== undefined && { version: run.workerVersion }),
      ...(run.metadata !== undefined && { metadata: JSON.parse(run.metadata) }),
      ...(run.parentId !== undefined && { parentTaskRunId: run.parentId }),
      ...(run.rootId !== undefined && { rootTaskRunId: run.rootId }),
    },
    queue: { id: `queue_${run.queue}`, name: run.queue },
    environment: { ...IDENTITY.environment },
    organization: { ...IDENTITY.organization },
    project: { ...IDENTITY.project },
    machine: machinePreset(run.machine),
    ...(run.batchId !== undefined && { batch: { id: run.batchId } }),
  };
}

// Read from the file, its dates are texts.
function reviveWaitpoint(waitpoint: CompletedWaitpoint): CompletedWaitpoint {
  const { completedAt, completedAfter } = waitpoint;
  return {
    ...waitpoint,
    completedAt: new Date(completedAt),
    ...(completedAfter && { completedAfter: new Date(completedAfter) }),
  };
}
