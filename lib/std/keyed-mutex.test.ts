import * as fc from "fast-check";
import { expect, test } from "vitest";
import { KeyedMutex } from "./keyed-mutex.ts";

test("runs the tasks of a key one after the other, in order of arrival", async () => {
  const mutex = new KeyedMutex();
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const events: string[] = [];
  const tasks = gates.map((gate, index) =>
    mutex.run("key", async () => {
      events.push(`begin ${index}`);
      await gate.promise;
      events.push(`end ${index}`);
    }),
  );
  // The later ones could end first if anything let them begin.
  for (const gate of gates.toReversed()) gate.resolve();
  await Promise.all(tasks);
  expect(events).toEqual(["begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2"]);
});

test("does not let one key wait for another", async () => {
  const mutex = new KeyedMutex();
  const gate = Promise.withResolvers<void>();
  const held = mutex.run("held", () => gate.promise);
  expect(await mutex.run("free", async () => "done")).toBe("done");
  expect([mutex.isBusy("held"), mutex.isBusy("free")]).toEqual([true, false]);
  gate.resolve();
  await held;
});

test("gives a task's error to its caller alone, and goes on", async () => {
  const mutex = new KeyedMutex();
  const failure = new Error("the first task failed");
  const first = mutex.run("key", () => Promise.reject(failure));
  const second = mutex.run("key", async () => "second");
  const thrown = mutex.run("key", () => {
    throw failure;
  });
  await expect(first).rejects.toBe(failure);
  expect(await second).toBe("second");
  await expect(thrown).rejects.toBe(failure);
  expect(mutex.isBusy("key")).toBe(false);
});

test("is busy from the call until the last task has ended", async () => {
  const mutex = new KeyedMutex();
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  expect(mutex.isBusy("key")).toBe(false);
  const tasks = gates.map((gate) => mutex.run("key", () => gate.promise));
  expect(mutex.isBusy("key")).toBe(true);
  gates[0].resolve();
  await tasks[0];
  expect(mutex.isBusy("key")).toBe(true);
  gates[1].resolve();
  await tasks[1];
  expect(mutex.isBusy("key")).toBe(false);
});

test("never lets two tasks of a key overlap, whatever comes when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }),
      async (scheduler, keys) => {
        const mutex = new KeyedMutex();
        const running = new Set<string>();
        const order = new Map<string, number[]>();
        const tasks = keys.map((key, index) =>
          mutex.run(key, async () => {
            expect(running.has(key)).toBe(false);
            running.add(key);
            await scheduler.schedule(Promise.resolve());
            running.delete(key);
            order.set(key, [...(order.get(key) ?? []), index]);
          }),
        );
        await scheduler.waitFor(Promise.all(tasks));
        for (const ended of order.values()) expect(ended).toEqual(ended.toSorted((a, b) => a - b));
        expect(keys.some((key) => mutex.isBusy(key))).toBe(false);
      },
    ),
  );
});
