import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BurstLimit } from "./burst-limit.ts";

test("lets a burst pass, then one per interval, and recovers while nothing comes", () => {
  const limit = new BurstLimit({ burst: 3, everyMs: 10 }, 0);
  expect([0, 0, 0, 0, 0].map((now) => limit.take(now))).toEqual([0, 0, 0, 10, 20]);
  expect(limit.take(30)).toBe(0);
  expect([1_000, 1_000, 1_000, 1_000].map((now) => limit.take(now))).toEqual([0, 0, 0, 10]);
});

test("never lets more pass than the burst and the time allow", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat(30), { maxLength: 200 }),
      (burst, everyMs, pauses) => {
        const limit = new BurstLimit({ burst, everyMs }, 0);
        let now = 0;
        let passed = 0;
        for (const pause of pauses) {
          now += pause;
          now += limit.take(now); // As a caller would who waits.
          passed += 1;
          expect(passed).toBeLessThanOrEqual(burst + now / everyMs + 1e-6);
        }
      },
    ),
  );
});
