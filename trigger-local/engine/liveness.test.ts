import { expect, test } from "vitest";
import { memoryPlatform, registerTasks } from "../testing/memory-platform.ts";
import type { Run } from "../store/run.ts";
import { startAttempt } from "./attempts.ts";
import { dequeueRuns } from "./dequeue.ts";
import type { Engine } from "./engine.ts";
import { triggerRun } from "./trigger-run.ts";

const NEVER = new AbortController().signal;

async function dequeued(engine: Engine): Promise<Run> {
  const worker = registerTasks(engine, [{ id: "task" }]);
  triggerRun(engine, { task: "task", body: {} });
  const [first] = await dequeueRuns(engine, worker.id, NEVER);
  return first!.run;
}

async function until(engine: Engine, run: Run, status: Run["snapshot"]["executionStatus"]) {
  while (run.snapshot.executionStatus !== status) {
    await engine.changes.next(`run:${run.id}`, { timeoutMs: 10_000 });
  }
}

test("a run that nobody begins goes back to its queue", async () => {
  await using platform = await memoryPlatform({ startMs: 20 });
  const run = await dequeued(platform.engine);
  expect(run.status).toBe("DEQUEUED");
  await until(platform.engine, run, "QUEUED");
  const [again] = await dequeueRuns(platform.engine, platform.engine.workers.latest!.id, NEVER);
  expect(again?.run.id).toBe(run.id);
});

test("a run whose worker falls silent is given up", async () => {
  await using platform = await memoryPlatform({ heartbeatMs: 20 });
  const run = await dequeued(platform.engine);
  startAttempt(platform.engine, run, run.snapshot.id);
  await until(platform.engine, run, "FINISHED");
  expect(run).toMatchObject({ status: "CANCELED", error: { code: "TASK_RUN_STALLED_EXECUTING" } });
});

test("the runs of a CLI that does not come back are given up, those of one that does are not", async () => {
  await using platform = await memoryPlatform({ absenceMs: 20 });
  const { engine, presence } = platform;
  const run = await dequeued(engine);
  startAttempt(engine, run, run.snapshot.id);
  const disconnect = presence.connect();
  disconnect();
  presence.heard(run.id);
  // Alarms go off in the order of their times.
  await new Promise<void>((resolve) => engine.alarms.set("test", Date.now() + 50, resolve));
  expect(run.status).toBe("EXECUTING");
  presence.connect()();
  await until(engine, run, "FINISHED");
  expect(run.status).toBe("CANCELED");
});

test("a CLI that takes over ends what the one before has left", async () => {
  await using platform = await memoryPlatform({ absenceMs: 3_600_000 });
  const { engine, presence } = platform;
  const run = await dequeued(engine);
  startAttempt(engine, run, run.snapshot.id);
  presence.connect()();
  presence.registered();
  expect(run.status).toBe("CANCELED");
});

test("a dequeue waits for a run, and ends when a newer version is registered", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const old = registerTasks(engine, [{ id: "task" }]);
  const waiting = dequeueRuns(engine, old.id, NEVER);
  triggerRun(engine, { task: "unknown", body: {} });
  triggerRun(engine, { task: "task", body: {} });
  expect((await waiting).map(({ run }) => run.task)).toEqual(["task"]);
  const next = dequeueRuns(engine, old.id, NEVER);
  const newer = registerTasks(engine, [{ id: "unknown" }]);
  engine.changes.announce("queue");
  expect(await next).toEqual([]);
  expect((await dequeueRuns(engine, newer.id, NEVER)).map(({ run }) => run.task)).toEqual([
    "unknown",
  ]);
});
