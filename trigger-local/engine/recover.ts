import { isHeld } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { watchWorker } from "./liveness.ts";
import { armQueuedRun } from "./queueing.ts";
import { armWaitpoint } from "./waits.ts";

/** Sets all alarms anew for what an earlier life of the platform has left. */
export function recover(engine: Engine): void {
  for (const waitpoint of engine.waitpoints.due()) armWaitpoint(engine, waitpoint);
  for (const run of engine.runs.unfinished()) {
    if (isHeld(run)) watchWorker(engine, run);
    else armQueuedRun(engine, run);
  }
}
