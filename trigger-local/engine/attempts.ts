import {
  type TaskRunExecutionResult,
  type TaskRunFailedExecutionResult,
  UpdateMetadataRequestBody,
} from "@trigger.dev/core/v3";
import { packetValue } from "../protocol/packet-value.ts";
import { isFinal, isHeld, type Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { retryOf, statusOfError } from "./failures.ts";
import { finishRun, releaseRun } from "./finish.ts";
import { watchWorker } from "./liveness.ts";
import { updateMetadata } from "./metadata.ts";
import { enqueueRun } from "./queueing.ts";
import { RequestError } from "./request-error.ts";

/** What a worker is told when it has reported the end of an attempt. */
export type AttemptStatus = "RUN_FINISHED" | "RETRY_QUEUED" | "RETRY_IMMEDIATELY";

// The worker keeps its process for a pause that is short; a longer one is spent in the queue.
const IMMEDIATE_RETRY_MS = 5_000;

/** The worker begins an attempt. Throws a 409 when the run is not its own to begin. */
export function startAttempt(engine: Engine, run: Run, snapshotId: string): void {
  const { id, executionStatus } = run.snapshot;
  if (id !== snapshotId || executionStatus !== "PENDING_EXECUTING") {
    throw new RequestError(
      409,
      `Run ${run.id} is ${executionStatus} (${id}), so that no attempt can begin from ${snapshotId}.`,
    );
  }
  run.attempt += 1;
  run.status = "EXECUTING";
  run.startedAt ??= Date.now();
  run.completedWaitpoints = [];
  run.attemptSnapshots = [];
  engine.enter(run, "EXECUTING", `Attempt ${run.attempt} began.`);
  engine.runs.save(run);
  watchWorker(engine, run);
}

/** The worker has ended an attempt: the run is over, or is tried again. Throws a 409 when it is another's by now. */
export function completeAttempt(
  engine: Engine,
  run: Run,
  { snapshotId, completion }: { snapshotId: string; completion: TaskRunExecutionResult },
): AttemptStatus {
  if (!isHeld(run) || !run.attemptSnapshots.includes(snapshotId)) {
    throw new RequestError(
      409,
      `Run ${run.id} is ${run.snapshot.executionStatus} (${run.snapshot.id}), and ${snapshotId} is not of its attempt.`,
    );
  }
  run.usageMs += completion.usage?.durationMs ?? 0;
  if (isFinal(run)) {
    releaseRun(engine, run);
    return "RUN_FINISHED";
  }
  flushMetadata(engine, run, completion);
  if (!completion.ok) return failAttempt(engine, run, completion);
  finishRun(engine, run, {
    status: "COMPLETED_SUCCESSFULLY",
    description: "The task has completed.",
    output: completion.output,
    outputType: completion.outputType,
  });
  return "RUN_FINISHED";
}

// What the task has changed and its worker had not sent yet comes with the end of the attempt.
function flushMetadata(
  engine: Engine,
  run: Run,
  { flushedMetadata }: TaskRunExecutionResult,
): void {
  if (flushedMetadata?.data === undefined) return;
  const update = packetValue(flushedMetadata.data, flushedMetadata.dataType);
  updateMetadata(engine, run, UpdateMetadataRequestBody.parse(update));
}

function failAttempt(
  engine: Engine,
  run: Run,
  completion: TaskRunFailedExecutionResult,
): AttemptStatus {
  const retry = retryOf(run, completion, engine.workers.latest);
  if (!retry) {
    finishRun(engine, run, {
      status: statusOfError(completion.error),
      description: "The attempt failed, and there is no other.",
      error: completion.error,
    });
    return "RUN_FINISHED";
  }
  run.status = "RETRYING_AFTER_FAILURE";
  run.blocks = [];
  if (retry.machine) run.machine = retry.machine;
  // The worker that is alive has said how it goes on; it holds the run for so long.
  if (completion.retry && !retry.machine && retry.delayMs < IMMEDIATE_RETRY_MS) {
    engine.enter(run, "PENDING_EXECUTING", "The attempt failed, the next one begins at once.");
    engine.runs.save(run);
    watchWorker(engine, run);
    return "RETRY_IMMEDIATELY";
  }
  enqueueRun(engine, run, {
    availableAt: Date.now() + retry.delayMs,
    description: "The attempt failed, the next one is queued.",
  });
  return "RETRY_QUEUED";
}
