import { join } from "node:path";
import { expect, test } from "vitest";
import { whyNoOrdinaryUser } from "../../../testing/ordinary-user.ts";
import { rangeUser } from "../../../testing/range-user.ts";
import { expectSuite, SUITE_LIMIT_MS, SUITE_ROOT } from "../../../testing/suite-as-user.ts";

const reason = whyNoOrdinaryUser();
/** Where it matters which ids there are; the rest is as it is without a range. */
const SUBJECTS = [
  "ending what runs",
  "files",
  "files of users",
  "snapshots and drives",
  "users",
] as const;
const IN_OUTER = join(import.meta.dirname, "../../../testing/run-in-outer.ts");

test.skipIf(reason !== undefined)(
  `the same holds for an ordinary user who has a range of ids (${reason ?? "one of no name"})`,
  async () => {
    await using user = await rangeUser();
    await expectSuite(
      join(user.home, "results.json"),
      (words) => user.run([process.execPath, IN_OUTER, ...words], { cwd: SUITE_ROOT }),
      { subjects: SUBJECTS, atLeast: 40 },
    );
    // The holder ends by itself, once the last who was inside has.
    await expect.poll(() => user.processes(), { timeout: 30_000 }).toEqual([]);
  },
  SUITE_LIMIT_MS,
);
