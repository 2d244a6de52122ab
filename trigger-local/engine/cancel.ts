import { isFinal, isHeld, type Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { finishRun } from "./finish.ts";
import { watchWorker } from "./liveness.ts";

/** Cancels a run and those that it triggered. A worker that has it is told, and holds its slot until it has ended it. */
export function cancelRun(engine: Engine, run: Run, reason: string): void {
  for (const child of engine.runs.children(run.id)) {
    cancelRun(engine, child, "The run that triggered it was canceled.");
  }
  if (isFinal(run)) return;
  // What was dequeued and did not begin has no process yet; its worker finds out when it begins.
  const workerEnds = isHeld(run) && run.snapshot.executionStatus !== "PENDING_EXECUTING";
  finishRun(engine, run, {
    status: "CANCELED",
    description: reason,
    error: { type: "STRING_ERROR", raw: reason },
    workerEnds,
  });
  if (!workerEnds) return;
  watchWorker(engine, run);
  engine.notify(run.id);
}
