import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { temporaryDirectory } from "../lib/testing/temporary-directory.ts";
import { BENCH_START_MS } from "../trigger-local/testing/platform-bench.ts";
import { operationsSuite } from "./testing/operations-suite.ts";
import { processesNaming } from "./testing/processes.ts";
import { type RunBench, startRunBench } from "./testing/run-bench.ts";
import { succeed, WORKERS_START_MS } from "./testing/run-operations.ts";

// Each sandbox is a run of its own, and nothing else is there.
let keep: Awaited<ReturnType<typeof temporaryDirectory>>;
let bench: RunBench;
beforeAll(async () => {
  keep = await temporaryDirectory();
  vi.stubEnv("SANDLOT_ENGINE", "trigger");
  vi.stubEnv("SANDLOT_KEEP", keep.path);
  vi.stubEnv("SANDLOT_ISOLATION", "process");
  // A slot for an operation and one for a host, and one more: runs that wait for a host must let it begin.
  bench = await startRunBench({}, { concurrencyLimit: 3 });
}, BENCH_START_MS);
afterAll(async () => {
  await bench?.[Symbol.asyncDispose]();
  await keep?.[Symbol.asyncDispose]();
  expect(processesNaming(bench.platform.env.TRIGGER_API_URL)).toEqual([]);
  expect(processesNaming(keep.path)).toEqual([]);
}, BENCH_START_MS);

operationsSuite({
  bench: () => ({ killWorkers: (signal) => bench.killWorkers(signal, hosts(keep.path)) }),
  reachable: false,
  prefix: "session",
});

test(
  "operations and hosts that are more than there are slots come to their end",
  {
    timeout: WORKERS_START_MS,
  },
  async () => {
    const names = ["session-slots-1", "session-slots-2"];
    const made = await Promise.all(
      names.map((sandboxId) => succeed("create-sandbox", { sandboxId })),
    );
    expect(made.map(({ result }) => result.created)).toEqual([true, true]);
    for (const sandboxId of names) await succeed("stop-sandbox", { sandboxId, delete: true });
  },
);

test("of deleted sandboxes nothing is kept, as soon as their hosts have come to their end", async () => {
  await vi.waitFor(() => expect(readdirSync(keep.path)).toEqual([]), { timeout: 10_000 });
});

/** Processes of the runs that hold a sandbox, as their engines tell. */
function hosts(folder: string): number[] {
  return readdirSync(folder).map((name) => {
    const { pid } = JSON.parse(readFileSync(join(folder, name, "engine.json"), "utf8")) as {
      pid: number;
    };
    return pid;
  });
}
