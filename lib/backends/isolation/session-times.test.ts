import { expect, test } from "vitest";
import { endedCpuMs } from "./session-times.ts";

test("adds up what every shell's `times` writes", () => {
  const dash = "0m0.010000s 0m0.020000s\n1m1.000000s 0m0.500000s\n";
  const bash = "0m0.002s 0m0.003s\n0m0,100s 0m0.000s\n";
  expect(endedCpuMs(dash + bash)).toBe(10 + 20 + 61_000 + 500 + 2 + 3 + 100);
  expect(endedCpuMs("")).toBe(0);
});
