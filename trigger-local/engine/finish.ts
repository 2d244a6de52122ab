import type { TaskRunError } from "@trigger.dev/core/v3";
import type { Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { clearRunAlarms } from "./run-alarms.ts";
import { completeWaitpoint } from "./waits.ts";

export interface Ending {
  status: Run["status"];
  description: string;
  error?: TaskRunError;
  output?: string | undefined;
  outputType?: string | undefined;
  /** A worker still has the run and is told to end it; the slot is held until it says that it did. */
  workerEnds?: boolean;
}

/** Gives a run its last status, and who waits for it the result. */
export function finishRun(engine: Engine, run: Run, ending: Ending): void {
  run.status = ending.status;
  run.completedAt = Date.now();
  run.blocks = [];
  if (ending.error) run.error = ending.error;
  if (ending.outputType !== undefined) run.outputType = ending.outputType;
  // A key of a run that failed is free again, so that it can be tried once more.
  if (ending.status !== "COMPLETED_SUCCESSFULLY" && ending.status !== "CANCELED") {
    delete run.idempotencyKey;
  }
  engine.enter(run, ending.workerEnds ? "PENDING_CANCEL" : "FINISHED", ending.description);
  if (!ending.workerEnds) clearRunAlarms(engine, run);
  engine.runs.save(run, ending.output);
  completeWaitpoint(engine, run.waitpointId, {
    outputIsError: ending.error !== undefined,
    ...(ending.error
      ? { output: JSON.stringify(ending.error), outputType: "application/json" }
      : {
          ...(ending.output !== undefined && { output: ending.output }),
          ...(ending.outputType !== undefined && { outputType: ending.outputType }),
        }),
  });
}

/** After its last status: the worker has let go of the run. */
export function releaseRun(engine: Engine, run: Run): void {
  engine.enter(run, "FINISHED", "The worker has ended the run.");
  clearRunAlarms(engine, run);
  engine.runs.save(run);
}
