import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ATTEMPTS } from "../../../../testing/escape/attempts.ts";
import { whyNotHere } from "../../../../testing/escape/escape-bench.ts";
import { whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import { callingProgram, whyNoOrdinaryUser } from "../../../../testing/ordinary-user.ts";
import { rangeUser } from "../../../../testing/range-user.ts";
import { CACHE_MOUNT } from "../outer/holder-script.ts";

const reason = whyNoOrdinaryUser() ?? (await whyNoNamespaces());
const ROOT = join(import.meta.dirname, "../../../../..");
const PROGRAM = new URL("../../../../testing/escape/try-all.ts", import.meta.url);
const IN_OUTER = join(ROOT, "lib/testing/run-in-outer.ts");

describe.skipIf(reason !== undefined)(
  `an ordinary user's engine with a range of ids${reason ? ` (not here: ${reason})` : ""}`,
  () => {
    let outcomes: Record<string, object>;

    beforeAll(async () => {
      await using user = await rangeUser();
      const program = callingProgram(PROGRAM, "tryAll", [], join(CACHE_MOUNT, "sandlot"));
      const ran = await user.run([process.execPath, IN_OUTER, ...program], { cwd: ROOT });
      if (ran.exitCode !== 0) throw new Error(`The attempts could not be made: ${ran.stderr}`);
      outcomes = JSON.parse(ran.stdout) as Record<string, object>;
    }, 600_000);

    for (const [name, attempt] of Object.entries(ATTEMPTS)) {
      const why = whyNotHere(attempt);
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
