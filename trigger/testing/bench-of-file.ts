import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { BENCH_START_MS, type BenchOptions } from "../../trigger-local/testing/platform-bench.ts";
import { processesNaming } from "./processes.ts";
import { type RunBench, startRunBench } from "./run-bench.ts";

/** Where the sandboxes of a file's tests are: a folder that all of their processes name. */
interface Place extends AsyncDisposable {
  readonly home: string;
}

/** What the tests of a file have while they run. */
interface FileBench {
  readonly bench: RunBench;
  readonly home: string;
}

/**
 * Brings up a place for sandboxes and then the platform, for all tests of the file.
 * At the file's end both are gone: no process of the CLI, of its workers or of a sandbox, and not the folder.
 */
export function benchOfFile({
  place,
  engine,
}: {
  place: () => Promise<Place>;
  engine?: NonNullable<BenchOptions["engine"]>;
}): FileBench {
  const held: { bench?: RunBench; place?: Place } = {};
  beforeAll(async () => {
    held.place = await place();
    held.bench = await startRunBench({}, engine);
  }, BENCH_START_MS);
  afterAll(async () => {
    await held.bench?.[Symbol.asyncDispose]();
    await held.place?.[Symbol.asyncDispose]();
    if (held.bench) expect(processesNaming(held.bench.platform.env.TRIGGER_API_URL)).toEqual([]);
    if (!held.place) return;
    expect(processesNaming(held.place.home)).toEqual([]);
    expect(existsSync(held.place.home)).toBe(false);
  }, BENCH_START_MS);
  return {
    get bench() {
      return there(held.bench);
    },
    get home() {
      return there(held.place).home;
    },
  };
}

function there<Thing>(thing: Thing | undefined): Thing {
  if (thing) return thing;
  throw new Error("it is there while tests run, not while they are declared");
}
