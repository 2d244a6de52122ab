import { join } from "node:path";
import { expect, test } from "vitest";
import { whyNoOrdinaryUser } from "../../../testing/ordinary-user.ts";
import { rangeUser } from "../../../testing/range-user.ts";
import { expectSuite, SUITE_LIMIT_MS, SUITE_ROOT } from "../../../testing/suite-as-user.ts";

const reason = whyNoOrdinaryUser();
const IN_OUTER = join(import.meta.dirname, "../../../testing/run-in-outer.ts");

test.skipIf(reason !== undefined)(
  `the same suite holds for an ordinary user who has a range of ids (${reason ?? "one of no name"})`,
  async () => {
    await using user = await rangeUser();
    await expectSuite(join(user.home, "results.json"), (words) =>
      user.run([process.execPath, IN_OUTER, ...words], { cwd: SUITE_ROOT }),
    );
    // The holder ends by itself, once the last who was inside has.
    await expect.poll(() => user.processes(), { timeout: 30_000 }).toEqual([]);
  },
  SUITE_LIMIT_MS,
);
