import { beforeAll, describe, expect, test } from "vitest";
import { callingProgram } from "../ordinary-user.ts";
import type { Ended } from "../run-program.ts";
import { ATTEMPTS } from "./attempts.ts";
import { whyNotHere } from "./escape-bench.ts";

const PROGRAM = new URL("./try-all.ts", import.meta.url);

/**
 * A case for each attempt, made by another process as somebody else: `run` gets its words, starts it and waits for
 * its end. The cases are skipped, by name and with the reason, where there is one.
 */
export function escapeSuite(
  engine: string,
  {
    reason,
    run,
  }: {
    reason: string | undefined;
    run: (programOf: (cacheDirectory: string) => string[]) => Promise<Ended>;
  },
): void {
  describe.skipIf(reason !== undefined)(
    `${engine}${reason ? ` (not here: ${reason})` : ""}`,
    () => {
      let outcomes: Record<string, object>;

      beforeAll(async () => {
        const ran = await run((cacheDirectory) =>
          callingProgram(PROGRAM, "tryAll", cacheDirectory),
        );
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
}
