import type { TaskRunError } from "@trigger.dev/core/v3";
import { isFinal, isHeld, type Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { finishRun, releaseRun } from "./finish.ts";
import { enqueueRun } from "./queueing.ts";
import { setRunAlarm } from "./run-alarms.ts";

/** Expects a sign of life of the run's worker from now on, as long as a worker has it. */
export function watchWorker(engine: Engine, run: Run): void {
  if (!isHeld(run)) return;
  run.heartbeatAt = Date.now();
  const starting = run.snapshot.executionStatus === "PENDING_EXECUTING";
  const { startMs, heartbeatMs } = engine.options;
  const at = run.heartbeatAt + (starting ? startMs : heartbeatMs);
  setRunAlarm(engine, { run, alarm: "silent", at }, () => {
    if (!isHeld(run)) return;
    // Nobody began it: its answer got lost on the way to the worker.
    if (run.snapshot.executionStatus === "PENDING_EXECUTING") {
      enqueueRun(engine, run, { description: "The worker did not begin the run." });
    } else {
      loseRun(engine, run, `The worker was silent for ${heartbeatMs / 1_000} seconds.`);
    }
  });
}

/** Gives up a run whose worker is gone. */
export function loseRun(engine: Engine, run: Run, reason: string): void {
  if (!isHeld(run)) return;
  if (isFinal(run)) return releaseRun(engine, run);
  if (run.snapshot.executionStatus === "PENDING_EXECUTING") {
    return enqueueRun(engine, run, { description: reason });
  }
  const error: TaskRunError = {
    type: "INTERNAL_ERROR",
    code:
      run.snapshot.executionStatus === "EXECUTING"
        ? "TASK_RUN_STALLED_EXECUTING"
        : "TASK_RUN_STALLED_EXECUTING_WITH_WAITPOINTS",
    message: reason,
  };
  finishRun(engine, run, { status: "CANCELED", description: reason, error });
}
