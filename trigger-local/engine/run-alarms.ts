import type { Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";

/** What a run has alarms for: the end of its wait in the queue, being available again, its worker's silence. */
export type RunAlarm = "expires" | "available" | "silent";

export function setRunAlarm(
  engine: Engine,
  { run, alarm, at }: { run: Run; alarm: RunAlarm; at: number },
  callback: () => void,
): void {
  engine.alarms.set(`run:${run.id}:${alarm}`, at, callback);
}

export function clearRunAlarms(engine: Engine, run: Run): void {
  for (const alarm of ["expires", "available", "silent"] as const) {
    clearRunAlarm(engine, run, alarm);
  }
}

export function clearRunAlarm(engine: Engine, run: Run, alarm: RunAlarm): void {
  engine.alarms.clear(`run:${run.id}:${alarm}`);
}
