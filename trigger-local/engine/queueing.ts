import { isFinal, type Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { finishRun } from "./finish.ts";
import { clearRunAlarm, setRunAlarm } from "./run-alarms.ts";
import { timeOf } from "./times.ts";

/** Puts a run into its queue, at once or at its time. The caller has decided that no worker has it. */
export function enqueueRun(
  engine: Engine,
  run: Run,
  { availableAt, description }: { availableAt?: number; description: string },
): void {
  if (availableAt === undefined) delete run.availableAt;
  else run.availableAt = availableAt;
  run.queuedAt ??= Date.now();
  clearRunAlarm(engine, run, "silent");
  engine.enter(run, "QUEUED", description);
  engine.runs.save(run);
  armQueuedRun(engine, run);
}

/** Sets the alarms of a run that waits for its time or in its queue. */
export function armQueuedRun(engine: Engine, run: Run): void {
  if (run.availableAt !== undefined) {
    setRunAlarm(engine, { run, alarm: "available", at: run.availableAt }, () => {
      if (isFinal(run)) return;
      const delayed = run.status === "DELAYED";
      if (delayed) {
        run.status = "PENDING";
        delete run.queuedAt;
      }
      enqueueRun(engine, run, {
        description: delayed ? "The delay is over." : "The pause is over.",
      });
    });
  }
  // Only what never began expires.
  if (run.attempt > 0 || run.status === "DELAYED") return;
  if (run.ttl === undefined || run.queuedAt === undefined) return;
  const at = timeOf(run.ttl, "ttl", run.queuedAt);
  setRunAlarm(engine, { run, alarm: "expires", at }, () => expireRun(engine, run));
}

function expireRun(engine: Engine, run: Run): void {
  if (isFinal(run)) return;
  run.expiredAt = Date.now();
  finishRun(engine, run, {
    status: "EXPIRED",
    description: "The run expired before it began.",
    error: { type: "STRING_ERROR", raw: `Run expired because the TTL (${run.ttl}) was reached` },
  });
}
