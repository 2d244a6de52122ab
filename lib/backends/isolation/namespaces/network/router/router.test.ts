import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { whyNoNamespaces } from "../../../../../testing/namespaces-bench.ts";
import { GOOD, NetworkBench } from "../../../../../testing/network-bench.ts";
import { childrenOf } from "../../../process-table.ts";

const reason = await whyNoNamespaces();
/** After three seconds without an answer, the kernel by itself tells programs that a host cannot be reached. */
const LONGER_THAN_KERNELS_WAIT_MS = 4_000;

test.skipIf(reason !== undefined)(
  `what is dialled before the router answers is served however long that takes${reason ? ` (not here: ${reason})` : ""}`,
  async () => {
    await using bench = await NetworkBench.make({ mode: "allow-all" });
    // It has not been given what listens in the router yet.
    const gateway = childrenOf(process.pid).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("gateway"),
    );
    expect(gateway).toBeDefined();
    process.kill(gateway ?? 0, "SIGSTOP");
    const asking = bench.http(GOOD, "good.example");
    await delay(LONGER_THAN_KERNELS_WAIT_MS);
    process.kill(gateway ?? 0, "SIGCONT");
    expect(await asking).toMatchObject({ status: 200 });
  },
);
