import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ATTEMPTS } from "../../../../testing/escape/attempts.ts";
import { whyNotHere } from "../../../../testing/escape/escape-bench.ts";
import { whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import {
  callingProgram,
  ORDINARY_USER,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../../testing/ordinary-user.ts";
import { removeTree } from "../../file-tree.ts";

/** With a single id there is nobody else's that a sandbox's root could become. */
const EXCUSED: Readonly<Record<string, string>> = {};

const reason = whyNoOrdinaryUser() ?? (await whyNoNamespaces());
const PROGRAM = new URL("../../../../testing/escape/try-all.ts", import.meta.url);

describe.skipIf(reason !== undefined)(
  `an ordinary user's engine${reason ? ` (not here: ${reason})` : ""}`,
  () => {
    let outcomes: Record<string, object>;

    beforeAll(async () => {
      const home = await mkdtemp(join(tmpdir(), "sandlot-test-home-"));
      try {
        await chown(home, ORDINARY_USER.uid, ORDINARY_USER.gid);
        const program = callingProgram(
          PROGRAM,
          "tryAll",
          Object.keys(EXCUSED),
          join(home, "cache"),
        );
        const { stdout, stderr, exitCode } = await runAsOrdinaryUser([
          "env",
          `HOME=${home}`,
          ...program,
        ]);
        if (exitCode !== 0) throw new Error(`The attempts could not be made: ${stderr}`);
        outcomes = JSON.parse(stdout) as Record<string, object>;
      } finally {
        await removeTree(home);
      }
    }, 600_000);

    for (const [name, attempt] of Object.entries(ATTEMPTS)) {
      const why = EXCUSED[name] ?? whyNotHere(attempt);
      test.skipIf(why !== undefined)(
        `${name}: nobody ${attempt.title}${why ? ` (not here: ${why})` : ""}`,
        () => {
          expect(outcomes[name], JSON.stringify(outcomes[name])).toMatchObject({
            succeeded: false,
          });
        },
      );
    }
  },
);
