import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import type { Root } from "../../../../engine/ports.ts";
import { IsolationBench, untilOutput } from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";

const makeIsolation = await makeNamespaces();
const reason = await whyNoNamespaces();

interface Hog {
  /** Says `going` when it has begun in earnest. */
  program: string;
  /** Whether it comes to its end by itself, and with which code. */
  endsWith?: number;
  /** Nothing bounds it without this. */
  needsLimits?: boolean;
}

const MEMORY_MB = 256;
const HOGS: Record<string, Hog> = {
  "a fork bomb": {
    program: "echo going; bomb() { bomb | bomb & }; bomb; sleep 60",
    needsLimits: true,
  },
  "a program that takes all memory": {
    program: `echo going; exec perl -e '$all .= "x" x 10_000_000 while 1'`,
    endsWith: 137,
    needsLimits: true,
  },
  "a program that fills the disk": {
    program: "echo going; dd if=/dev/zero of=big bs=1M count=256 2>/dev/null; rm big",
    endsWith: 0,
  },
  "a program that opens all that it can": {
    program: `echo going; exec perl -e 'while (open(my $f, "<", "/dev/null")) { push @all, $f } sleep 60'`,
  },
  "a program that floods its log": { program: "echo going; yes | head -c 300000000", endsWith: 0 },
  "ten thousand short processes": {
    program: "echo going; i=0; while [ $i -lt 10000 ]; do /bin/true; i=$((i + 1)); done",
    endsWith: 0,
  },
};

/** What the product promises to the neighbours of a hog. */
const SERVED_WITHIN_MS = 1_000;
const ROUNDS = 9;

describe.skipIf(reason !== undefined)(
  `beside a hog${reason ? ` (not here: ${reason})` : ""}`,
  () => {
    for (const [name, { program, endsWith, needsLimits }] of Object.entries(HOGS)) {
      test(`${name} leaves the engine and its neighbours alone`, async ({ skip }) => {
        await using bench = await IsolationBench.make(makeIsolation);
        const neighbour = await bench.prepare();
        const root = await bench.prepare({ vcpus: 1, memoryMb: MEMORY_MB });
        const { limits } = bench.isolation.features;
        if (needsLimits && !limits.offered) skip(`limits are not offered: ${limits.reason}`);
        const hog = await bench.start(root, ["sh", "-c", program]);
        await untilOutput(hog.directory, "going");

        const delays = monitorEventLoopDelay();
        delays.enable();
        expect(median(await timesOf(bench, neighbour))).toBeLessThan(SERVED_WITHIN_MS);
        delays.disable();
        expect(delays.percentile(50) / 1e6).toBeLessThan(SERVED_WITHIN_MS);

        if (endsWith !== undefined) expect((await hog.exited).exitCode).toBe(endsWith);
        await root.halt({ graceMs: 0 });
        await hog.exited;
        // The neighbour has all that it had, and more can be made.
        expect(await bench.sh(neighbour, "echo alive")).toEqual({
          exitCode: 0,
          stdout: "alive\n",
          stderr: "",
        });
        expect((await bench.sh(await bench.prepare(), "true")).exitCode).toBe(0);
      }, 120_000);
    }

    test("a bomb ends with its session, and leaves no process behind", async ({ skip }) => {
      await using bench = await IsolationBench.make(makeIsolation);
      const root = await bench.prepare({ vcpus: 1, memoryMb: MEMORY_MB });
      if (!bench.isolation.features.limits.offered) skip("limits are not offered");
      const hog = await bench.start(root, ["sh", "-c", HOGS["a fork bomb"]!.program]);
      await untilOutput(hog.directory, "going");
      await root.halt({ graceMs: 100 });
      // Its recorder had its say: all of the session's processes are gone before that.
      expect((await hog.exited).exitCode).not.toBe(0);
    });
  },
);

/** How long a neighbour waits for a command, from asking to its end. */
async function timesOf(bench: IsolationBench, neighbour: Root): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const { exitCode } = await bench.run(neighbour, ["true"]);
    expect(exitCode).toBe(0);
    times.push(performance.now() - start);
  }
  return times;
}

function median(numbers: readonly number[]): number {
  return (
    numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.POSITIVE_INFINITY
  );
}
