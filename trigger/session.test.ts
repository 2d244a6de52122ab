import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporaryDirectory } from "../lib/testing/temporary-directory.ts";
import { benchOfFile } from "./testing/bench-of-file.ts";
import { operationsSuite } from "./testing/operations-suite.ts";
import { succeed, WORKERS_START_MS } from "./testing/run-operations.ts";

// Each sandbox is a run of its own, and nothing else is there.
const file = benchOfFile({
  async place() {
    const keep = await temporaryDirectory();
    vi.stubEnv("SANDLOT_ENGINE", "trigger");
    vi.stubEnv("SANDLOT_KEEP", keep.path);
    vi.stubEnv("SANDLOT_ISOLATION", "process");
    return { home: keep.path, [Symbol.asyncDispose]: () => keep[Symbol.asyncDispose]() };
  },
  // A slot for an operation and one for a host, and one more: runs that wait for a host must let it begin.
  engine: { concurrencyLimit: 3 },
});

operationsSuite({
  bench: () => ({ killWorkers: (signal) => file.bench.killWorkers(signal, hosts(file.home)) }),
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
  await vi.waitFor(() => expect(readdirSync(file.home)).toEqual([]), { timeout: 10_000 });
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
