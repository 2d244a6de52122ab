import { expect, test } from "vitest";
import { SteerableClock } from "./steerable-clock.ts";

const MINUTE_MS = 60_000;

test("is the machine's own time until it is moved", async () => {
  const clock = new SteerableClock();
  const before = Date.now();
  const now = clock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
  await new Promise((done) => clock.at(clock.now() + 5, () => done(undefined)));
  expect(clock.now()).toBeGreaterThanOrEqual(now + 5);
  expect(clock.aheadMs).toBe(0);
});

test("calls what is due on the way in order, each at its own time, and no more than that", async () => {
  const clock = new SteerableClock();
  const start = clock.now();
  const called: [string, number][] = [];
  const note = (name: string) => () =>
    void called.push([name, Math.floor((clock.now() - start) / MINUTE_MS)]);
  clock.at(start + 3 * MINUTE_MS, note("third"));
  clock.at(start + MINUTE_MS, note("first"));
  clock.at(start + 60 * MINUTE_MS, note("never"));
  clock.at(start + 2 * MINUTE_MS, note("disposed of"))[Symbol.dispose]();
  await clock.advance(10 * MINUTE_MS);
  expect(called).toEqual([
    ["first", 1],
    ["third", 3],
  ]);
  expect(clock.aheadMs).toBe(10 * MINUTE_MS);
});

test("waits for what an alarm began, and calls what that set in turn", async () => {
  const clock = new SteerableClock();
  const start = clock.now();
  const done: string[] = [];
  clock.at(start + MINUTE_MS, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push("stopped");
    clock.at(clock.now() + MINUTE_MS, () => void done.push("deleted"));
  });
  await clock.advance(5 * MINUTE_MS);
  expect(done).toEqual(["stopped", "deleted"]);
});

test("brings alarms beyond the move nearer by as much", async () => {
  const clock = new SteerableClock();
  const rung = Promise.withResolvers<void>();
  clock.at(clock.now() + MINUTE_MS, () => rung.resolve());
  await clock.advance(MINUTE_MS - 20);
  // The rest passes by itself.
  await rung.promise;
});

test("lets moves wait for each other", async () => {
  const clock = new SteerableClock();
  const start = clock.now();
  const order: number[] = [];
  for (const minute of [1, 2]) {
    clock.at(start + minute * MINUTE_MS, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push(minute);
    });
  }
  await Promise.all([clock.advance(90_000), clock.advance(90_000)]);
  expect(order).toEqual([1, 2]);
  expect(clock.aheadMs).toBe(3 * MINUTE_MS);
});
