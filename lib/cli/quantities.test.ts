import { expect, test } from "vitest";
import { ago, byteSize, duration } from "./quantities.ts";

test.each([
  [0, "0 ms"],
  [-5, "0 ms"],
  [340, "340 ms"],
  [2_490, "2.4 s"],
  [45_000, "45s"],
  [200_000, "3m 20s"],
  [180_000, "3m"],
  [3_600_000 + 1_000, "1h"],
  [4 * 86_400_000 + 2 * 3_600_000, "4d 2h"],
])("says %i ms as %s", (ms, said) => {
  expect(duration(ms)).toBe(said);
});

test("says how long ago a moment was, and takes a clock that runs ahead", () => {
  expect(ago(1_000, 61_000)).toBe("1m ago");
  expect(ago(1_000, 1_500)).toBe("just now");
  expect(ago(5_000, 1_000)).toBe("just now");
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_400_000, "1.4 MB"],
  [999_600, "1.0 MB"],
  [20_000_000_000, "20 GB"],
])("says %i bytes as %s", (bytes, said) => {
  expect(byteSize(bytes)).toBe(said);
});
