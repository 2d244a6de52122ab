import { join } from "node:path";
import { test } from "vitest";
import {
  ordinaryHome,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../testing/ordinary-user.ts";
import { expectSuite, SUITE_LIMIT_MS, SUITE_ROOT } from "../../../testing/suite-as-user.ts";

const reason = whyNoOrdinaryUser();

test.skipIf(reason !== undefined)(
  `the same suite holds for an ordinary user (${reason ?? "one of no name"})`,
  async () => {
    await using home = await ordinaryHome();
    const environment = [`HOME=${home.path}`, `TMPDIR=${home.path}`];
    await expectSuite(
      join(home.path, "results.json"),
      (words) => runAsOrdinaryUser(["/usr/bin/env", ...environment, ...words], { cwd: SUITE_ROOT }),
      { atLeast: 80 },
    );
  },
  SUITE_LIMIT_MS,
);
