import { test } from "vitest";
import { isolationSuite } from "../../../testing/isolation-suite.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../testing/namespaces-bench.ts";

const reason = await whyNoNamespaces();

if (reason === undefined) {
  isolationSuite("namespaces isolation", {
    makeIsolation: await makeNamespaces(),
    excused: {
      "says path_outside_sandbox for a link that climbs out":
        "a link that climbs above a root of the sandbox's own ends there",
      "leaves out what is nothing without its process":
        "a disk of its own keeps what programs put there, as the cloud's does",
    },
  });
} else {
  // oxlint-disable-next-line vitest/no-disabled-tests -- the machine decides, and says why
  test.skip(`namespaces isolation: ${reason}`, () => undefined);
}
