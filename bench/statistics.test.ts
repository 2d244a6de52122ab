import { expect, test } from "vitest";
import { interleave, percentile, shuffled, summarize } from "./statistics.ts";

test("a summary tells the middle and the tail", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(summarize(samples)).toEqual({ count: 100, min: 1, p50: 50, p95: 95, max: 100 });
  expect(summarize([7])).toEqual({ count: 1, min: 7, p50: 7, p95: 7, max: 7 });
});

test("there is no percentile of nothing", () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test("shuffling keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  expect(shuffled(items).toSorted((a, b) => a - b)).toEqual(items);
});

test("every variant is sampled once a round, but for the first", async () => {
  const calls: string[] = [];
  const found = await interleave(
    {
      one: async () => calls.push("one"),
      several: async () => [calls.push("several"), 0],
    },
    { rounds: 5 },
  );
  expect(calls).toHaveLength(12);
  expect(found.one.count).toBe(5);
  expect(found.several.count).toBe(10);
  for (let round = 0; round < 6; round++) {
    expect(calls.slice(round * 2, round * 2 + 2).toSorted()).toEqual(["one", "several"]);
  }
});
