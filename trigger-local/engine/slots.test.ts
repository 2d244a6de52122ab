import { expect, test } from "vitest";
import { memoryPlatform, registerTasks } from "../testing/memory-platform.ts";
import type { Engine } from "./engine.ts";
import { limitsOf, runsWithSlots } from "./slots.ts";
import { triggerRun } from "./trigger-run.ts";

type Options = NonNullable<Parameters<typeof triggerRun>[1]["body"]["options"]>;

function queue(engine: Engine, task: string, options: Options = {}) {
  return triggerRun(engine, { task, body: { options } }).run;
}

/** Which of the queued runs may begin, by their place in the queue. */
function chosen(engine: Engine, concurrencyLimit = 100): number[] {
  const worker = engine.workers.latest!;
  return runsWithSlots({
    queued: engine.runs.unfinished(),
    held: [],
    limits: (run) => limitsOf(run, worker.metadata, concurrencyLimit),
    now: Date.now(),
  }).map(({ number }) => number);
}

test("lets as many begin as the environment has slots, in the order of their turn", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  registerTasks(engine, [{ id: "any" }]);
  for (const priority of [0, 0, 60]) queue(engine, "any", { priority });
  expect(chosen(engine, 2)).toEqual([3, 1]);
  expect(chosen(engine)).toEqual([3, 1, 2]);
});

test("a full queue does not hold up the others", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const queues = [{ name: "narrow", concurrencyLimit: 1 }];
  registerTasks(engine, [{ id: "any" }, { id: "slow", queue: queues[0]! }], { queues });
  for (const task of ["slow", "slow", "any"]) queue(engine, task);
  expect(chosen(engine)).toEqual([1, 3]);
});

test("a queue's limit is one of each key, its combined limit one of them all", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const shared = { name: "shared", concurrencyLimit: 1, combinedConcurrencyLimit: 2 };
  registerTasks(engine, [{ id: "task", queue: shared }], { queues: [shared] });
  for (const concurrencyKey of ["a", "a", "b", "c"]) queue(engine, "task", { concurrencyKey });
  expect(chosen(engine)).toEqual([1, 3]);
});

test("a task's own limits and named ones count together", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  registerTasks(
    engine,
    [
      { id: "inline", concurrency: { inline: { total: 2 }, limits: ["db"] } },
      { id: "other", concurrency: { limits: ["db"] } },
    ],
    { concurrencyLimits: [{ name: "db", total: 3, perKey: 2 }] },
  );
  for (const task of ["inline", "inline", "inline", "other", "other"]) queue(engine, task);
  expect(chosen(engine)).toEqual([1, 2]);
  queue(engine, "other", { concurrencyKey: "own" });
  queue(engine, "other", { concurrencyKey: "own" });
  expect(chosen(engine)).toEqual([1, 2, 6]);
});
