import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Settlement } from "./settlement.ts";

test("gives the first result to all who wait, before and after", async () => {
  const settlement = new Settlement<number>();
  const before = [settlement.wait(), settlement.wait()];
  expect(settlement.waiting).toBe(2);
  settlement.resolve(1);
  settlement.resolve(2);
  settlement.reject(new Error("too late"));
  expect(await Promise.all([...before, settlement.wait()])).toEqual([1, 1, 1]);
  expect(settlement.waiting).toBe(0);
});

test("gives an error to whoever asks, and to nobody when nobody does", async () => {
  const settlement = new Settlement<number>();
  const before = settlement.wait();
  const failure = new Error("it failed");
  settlement.reject(failure);
  settlement.resolve(1);
  await expect(before).rejects.toBe(failure);
  await expect(settlement.wait()).rejects.toBe(failure);
  // Were it a promise that nobody handles, the runner would report it.
  new Settlement<number>().reject(failure);
});

test("remembers nobody who has left", async () => {
  const settlement = new Settlement<number>();
  const controller = new AbortController();
  const { signal } = controller;
  const leaving = [settlement.wait(signal), settlement.wait(signal)];
  const staying = settlement.wait(new AbortController().signal);
  const reason = new Error("enough");
  controller.abort(reason);
  for (const wait of leaving) await expect(wait).rejects.toBe(reason);
  await expect(settlement.wait(signal)).rejects.toBe(reason);
  expect(settlement.waiting).toBe(1);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  settlement.resolve(3);
  expect(await staying).toBe(3);
});
