import { isHeld, type Run } from "../store/run.ts";
import type { Worker } from "../store/worker-store.ts";
import type { Engine } from "./engine.ts";
import { watchWorker } from "./liveness.ts";
import { clearRunAlarm } from "./run-alarms.ts";
import { limitsOf, runsWithSlots } from "./slots.ts";

// Long enough to be no polling, short enough for every timeout of a client.
const WAIT_MS = 20_000;

/** What a worker gets to do. */
export interface Dequeued {
  run: Run;
  worker: Worker;
}

/**
 * Takes runs out of their queues for the worker, as soon as there is one and its limits allow; none after a
 * while, or when a newer worker was registered, which then asks itself.
 */
export async function dequeueRuns(
  engine: Engine,
  workerId: string,
  signal: AbortSignal,
): Promise<Dequeued[]> {
  const until = Date.now() + WAIT_MS;
  while (engine.workers.latest?.id === workerId && Date.now() < until && !signal.aborted) {
    const dequeued = takeRuns(engine, engine.workers.latest);
    if (dequeued.length > 0) return dequeued;
    await engine.changes.next("queue", { timeoutMs: until - Date.now(), signal });
  }
  return [];
}

function takeRuns(engine: Engine, worker: Worker): Dequeued[] {
  const unfinished = engine.runs.unfinished();
  const waiting = unfinished.filter(({ snapshot }) => snapshot.executionStatus === "QUEUED");
  for (const run of waiting) settleVersion(engine, run, worker);
  const chosen = runsWithSlots({
    queued: waiting.filter(({ status }) => status !== "PENDING_VERSION"),
    held: unfinished.filter(isHeld),
    limits: (run) => limitsOf(run, worker.metadata, engine.options.concurrencyLimit),
    now: Date.now(),
  });
  for (const run of chosen) {
    clearRunAlarm(engine, run, "expires");
    run.workerId = worker.id;
    run.workerVersion = worker.version;
    if (run.attempt === 0) run.status = "DEQUEUED";
    engine.enter(run, "PENDING_EXECUTING", "The run was dequeued for execution.");
    engine.runs.save(run);
    watchWorker(engine, run);
  }
  return chosen.map((run) => ({ run, worker }));
}

// A run of a task that the project does not have (yet) waits for a version that has it.
function settleVersion(engine: Engine, run: Run, worker: Worker): void {
  const known = worker.metadata.tasks.some(({ id }) => id === run.task);
  if (known === (run.status !== "PENDING_VERSION")) return;
  run.status = known ? "PENDING" : "PENDING_VERSION";
  engine.runs.save(run);
}
