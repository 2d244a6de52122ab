import type { CompletedWaitpoint, MachinePresetName, TaskRunError } from "@trigger.dev/core/v3";
import type { TaskRunExecutionStatus, TaskRunStatus } from "@trigger.dev/core/v3/schemas";

/** How far a run's execution is, as its worker follows it. Each change has an id of its own. */
interface Snapshot {
  id: string;
  executionStatus: TaskRunExecutionStatus;
  description: string;
  createdAt: number;
}

/** A waitpoint that holds a run up, and for which place of a batch it does. */
export interface Block {
  waitpointId: string;
  batch?: { id: string; index: number };
}

/** Where a run came from, and what it may do. Set when it is triggered. */
interface RunOrigin {
  id: string;
  number: number;
  task: string;
  queue: string;
  concurrencyKey?: string;
  /** Named limits that the trigger asked for, instead of those which the task declares. */
  limits?: string[];
  /** How many seconds earlier it counts as queued. */
  priority: number;
  payloadType: string;
  idempotencyKey?: string;
  idempotencyKeyExpiresAt?: number;
  idempotencyKeyOptions?: { key: string; scope: "run" | "attempt" | "global" };
  ttl?: string;
  createdAt: number;
  parentId?: string;
  rootId?: string;
  depth: number;
  /** Whether the parent waits for it. */
  resumesParent: boolean;
  batchId?: string;
  batchIndex?: number;
  maxAttempts?: number;
  maxDuration?: number;
  machine: MachinePresetName;
  traceContext: Record<string, unknown>;
  isTest: boolean;
  /** The waitpoint that completes with the run. */
  waitpointId: string;
}

/** A run as the platform keeps it. Its payload and its output are kept beside it: they may be large. */
export interface Run extends RunOrigin {
  /** Counts every change of any run: what changed last has the highest. */
  revision: number;
  status: TaskRunStatus;
  snapshot: Snapshot;
  /** The newest snapshots of the attempt that is under way: a worker may not have seen the last one yet. */
  attemptSnapshots: string[];
  attempt: number;
  tags: string[];
  metadata?: string;
  metadataType: string;
  /** Not dequeued before: a delay, or the pause before the next attempt. */
  availableAt?: number;
  delayUntil?: number;
  queuedAt?: number;
  updatedAt: number;
  startedAt?: number;
  completedAt?: number;
  expiredAt?: number;
  outputType?: string;
  error?: TaskRunError;
  workerId?: string;
  workerVersion?: string;
  streams: string[];
  blocks: Block[];
  /** What its last wait ended with; the worker fetches it with the snapshot. */
  completedWaitpoints: CompletedWaitpoint[];
  usageMs: number;
  /** When its worker was last heard of. */
  heartbeatAt?: number;
}

const FINAL: ReadonlySet<TaskRunStatus> = new Set([
  "COMPLETED_SUCCESSFULLY",
  "COMPLETED_WITH_ERRORS",
  "CANCELED",
  "SYSTEM_FAILURE",
  "CRASHED",
  "EXPIRED",
  "TIMED_OUT",
  "INTERRUPTED",
]);

/** Whether the run has its last status. A worker may still be ending it: see `isOver`. */
export function isFinal(run: Run): boolean {
  return FINAL.has(run.status);
}

/** Whether nothing works on the run any more, so that it holds no slot. */
export function isOver(run: Run): boolean {
  return run.snapshot.executionStatus === "FINISHED";
}

const HELD: ReadonlySet<TaskRunExecutionStatus> = new Set([
  "PENDING_EXECUTING",
  "EXECUTING",
  "EXECUTING_WITH_WAITPOINTS",
  "PENDING_CANCEL",
]);

/** Whether a worker has the run, so that it holds a slot. A waiting run keeps its slot: nothing here checkpoints. */
export function isHeld(run: Run): boolean {
  return HELD.has(run.snapshot.executionStatus);
}
