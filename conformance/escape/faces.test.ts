import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ATTEMPTS } from "../../lib/testing/escape/attempts.ts";
import { whyNotHere } from "../../lib/testing/escape/escape-bench.ts";
import { tryAttempt } from "../../lib/testing/escape/try-attempt.ts";
import { ISOLATION } from "../isolation.ts";
import { openVendorDaemon, type VendorDaemon } from "../vendor-daemon.ts";
import { closeClients, FACE_SANDBOXES } from "./face-programs.ts";
import { openFaceStage } from "./face-stage.ts";

// The isolation is the same whoever asked, and has its own suite of all attempts. Here are those that a face has a
// part in: how it starts programs and as whom, and what it does with paths that a program has prepared.
const KINDS = /^(?:paths|files|variables): |^engine: (?:reading|writing)/;
const attempts = Object.entries(ATTEMPTS).filter(
  ([name, { neighbour, networkPolicy }]) => KINDS.test(name) && !neighbour && !networkPolicy,
);

// What they are to find has to be out of reach: without an isolation nothing is.
describe.skipIf(ISOLATION !== "namespaces")("escape attempts through the vendors' clients", () => {
  let daemon: VendorDaemon;
  beforeAll(async () => {
    daemon = await openVendorDaemon("e2b", "daytona");
  });
  afterAll(async () => {
    await closeClients();
    await daemon?.[Symbol.asyncDispose]();
  });

  describe.concurrent.each(Object.entries(FACE_SANDBOXES))("%s:", (_face, make) => {
    for (const [name, attempt] of attempts) {
      const why = whyNotHere(attempt);
      test.skipIf(why !== undefined)(
        `${name}: nobody ${attempt.title}${why ? ` (not here: ${why})` : ""}`,
        async () => {
          await using stage = await openFaceStage(make);
          const { succeeded, output } = await tryAttempt(attempt, stage);
          expect(succeeded, output).toBe(false);
        },
      );
    }
  });

  test("the attempts are as many as they were", () => {
    expect(attempts.length).toBeGreaterThanOrEqual(25);
  });
});
