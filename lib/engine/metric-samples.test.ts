import { expect, test } from "vitest";
import type { Session } from "../contract/sandbox.ts";
import type { Usage } from "../contract/usage.ts";
import { aSession } from "../testing/store-rows.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";
import { MetricSamples } from "./metric-samples.ts";

const START = 10_000;

function metricsOf(changed: Partial<Session> = {}) {
  const state = {
    now: START,
    session: aSession({ startedAt: START, vcpus: 2, memoryMb: 1_024, ...changed }),
    usage: { cpuMs: 0 } as Usage,
  };
  const metrics = new MetricSamples({
    clock: { now: () => state.now },
    sessions: { known: () => state.session, usage: async () => state.usage },
  });
  const take = (range?: { from?: number; to?: number }) => metrics.samples("sbx_1", range);
  return { state, take };
}

const totals = { cpuCount: 2, memoryTotalBytes: 1_024 * 1_024 * 1_024 };

test("a sample tells how busy all processors were since the one before", async () => {
  const { state, take } = metricsOf();
  state.now += 1_000;
  state.usage = {
    cpuMs: 500,
    memoryBytes: 7,
    memoryCacheBytes: 8,
    diskBytes: 9,
    diskFreeBytes: 90,
  };
  await take();
  state.now += 100;
  state.usage = { cpuMs: 700 };
  expect(await take()).toEqual([
    { at: START, cpuUsedPercent: 0, ...totals },
    {
      at: START + 1_000,
      cpuUsedPercent: 25,
      ...totals,
      memoryUsedBytes: 7,
      memoryCacheBytes: 8,
      diskUsedBytes: 9,
      diskTotalBytes: 99,
    },
    { at: START + 1_100, cpuUsedPercent: 100, ...totals },
  ]);
  expect((await take({ from: START + 1, to: START + 1_050 })).map(({ at }) => at)).toEqual([
    START + 1_000,
  ]);
});

test("one that is taken in the same moment, or after the count fell, tells of no time that was not", async () => {
  const { state, take } = metricsOf();
  state.usage = { cpuMs: 10 };
  expect((await take()).map(({ cpuUsedPercent }) => cpuUsedPercent)).toEqual([0, 0]);
  state.now += 1_000;
  state.usage = { cpuMs: 5 };
  expect((await take()).at(-1)?.cpuUsedPercent).toBe(0);
});

test("a session that has ended keeps its samples, and the last is from its end", async () => {
  const { state, take } = metricsOf();
  state.now += 1_000;
  state.usage = { cpuMs: 1_000 };
  await take();
  state.session = { ...state.session, status: "stopped", stoppedAt: START + 2_000 };
  state.usage = { cpuMs: 2_000 };
  state.now += 50_000;
  const expected = [0, 50, 50].map((cpuUsedPercent, index) => ({
    at: START + index * 1_000,
    cpuUsedPercent,
    ...totals,
  }));
  expect(await take()).toEqual(expected);
  expect(await take()).toEqual(expected);
});

test("an engine measures what really runs", async () => {
  await using temporary = await temporaryEngine();
  const { engine, clock } = temporary;
  const { session } = await engine.sandboxes.create({ vcpus: 1, memoryMb: 512 });
  const command = await engine.commands.start(session.id, {
    cmd: "sh",
    args: [
      "-c",
      "head -c 300000 /dev/zero > file; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; exec sleep 60",
    ],
  });
  for await (const { data } of engine.commands.output(session.id, command.id)) {
    if (data.includes("done")) break;
  }
  clock.advance(100);
  const [begun, now] = await engine.metrics(session.id);
  expect(begun).toEqual({
    at: session.startedAt,
    cpuUsedPercent: 0,
    cpuCount: 1,
    memoryTotalBytes: 512 * 1_024 * 1_024,
  });
  expect(now?.diskUsedBytes).toBeGreaterThanOrEqual(300_000);
  expect(now?.diskTotalBytes).toBeGreaterThan(now?.diskUsedBytes ?? 0);
  expect(now?.memoryUsedBytes).toBeGreaterThan(100_000);
  await expect(engine.metrics("sbx_nobody")).rejects.toMatchObject({ code: "session_not_found" });
});
