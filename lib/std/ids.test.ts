import { expect, test } from "vitest";
import { newId, randomText } from "./ids.ts";

test("gives as many characters as were asked for, all of them safe anywhere", () => {
  for (const length of [0, 1, 2, 10, 20, 333]) {
    expect(randomText(length)).toMatch(new RegExp(`^[bcdfghjkmnpqrstvwxz2-8]{${length}}$`));
  }
});

test("gives each character about as often as any other", () => {
  const counts = new Map<string, number>();
  for (const character of randomText(1_040_000)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  // 40,000 of each are expected, with a standard deviation of 196: eight of them are passed by
  // chance less than once in 10^13 runs. Bytes modulo 26 would give four characters 36,563 times.
  expect(counts.size).toBe(26);
  for (const count of counts.values()) expect(Math.abs(count - 40_000)).toBeLessThan(1_600);
});

test("makes ids that tell their kind and do not repeat", () => {
  const ids = Array.from({ length: 10_000 }, () => newId("cmd"));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^cmd_[a-z2-8]{20}$/.test(id))).toBe(true);
});
