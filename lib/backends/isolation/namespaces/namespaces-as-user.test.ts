import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import {
  ORDINARY_USER,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../testing/ordinary-user.ts";
import { expectSuite, SUITE_LIMIT_MS, SUITE_ROOT } from "../../../testing/suite-as-user.ts";
import { removeTree } from "../file-tree.ts";

const reason = whyNoOrdinaryUser();

test.skipIf(reason !== undefined)(
  `the same suite holds for an ordinary user (${reason ?? "one of no name"})`,
  async () => {
    const home = await mkdtemp(join(tmpdir(), "sandlot-user-"));
    await chown(home, ORDINARY_USER.uid, ORDINARY_USER.gid);
    try {
      const environment = [`HOME=${home}`, `TMPDIR=${home}`];
      await expectSuite(join(home, "results.json"), (words) =>
        runAsOrdinaryUser(["/usr/bin/env", ...environment, ...words], { cwd: SUITE_ROOT }),
      );
    } finally {
      await removeTree(home);
    }
  },
  SUITE_LIMIT_MS,
);
