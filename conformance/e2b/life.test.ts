import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, SDKS } from "./harness.ts";

const HOUR_MS = 3_600_000;

forE2b(
  (e2b) => {
    const states = async (metadata: Record<string, string>) => {
      const found = await e2b().sdk.Sandbox.list({ query: { metadata } }).nextItems();
      return found.map(({ state }) => state);
    };

    proves("E2B-009")("connecting only ever gives more time", async () => {
      await using sandbox = await e2b().create({ timeoutMs: HOUR_MS });
      const { Sandbox } = e2b().sdk;
      const { endAt } = await sandbox.getInfo();
      await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 5_000 });
      expect((await sandbox.getInfo()).endAt).toEqual(endAt);
      await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 2 * HOUR_MS });
      const later = (await sandbox.getInfo()).endAt.getTime() - endAt.getTime();
      expect(later).toBeGreaterThanOrEqual(HOUR_MS);
    });

    proves("E2B-010", "E2B-011")("a timeout is exact, and at most a day", async () => {
      const metadata = { test: "exact" };
      const sandbox = await e2b().create({ timeoutMs: HOUR_MS, metadata });
      const { clock } = e2b().controls;
      await clock.advance(HOUR_MS / 2);
      await sandbox.setTimeout(600_000);
      await clock.advance(590_000);
      expect(await states(metadata)).toEqual(["running"]);
      expect(await sandbox.isRunning()).toBe(true);
      await clock.advance(10_000);
      expect(await states(metadata)).toEqual([]);
      expect(await sandbox.isRunning()).toBe(false);
      const refused = await rejection(e2b().create({ timeoutMs: 24 * HOUR_MS + 1_000 }));
      expect(refused.message).toContain("400: Timeout cannot be greater than 24 hours");
    });

    proves(
      "E2B-012",
      "E2B-013",
      "E2B-015",
    )("a pause keeps what runs, for as long as it takes", async () => {
      const metadata = { test: "pause" };
      await using sandbox = await e2b().create({ metadata, timeoutMs: 60_000 });
      const { Sandbox } = e2b().sdk;
      const background = await sandbox.commands.run("n=0; while sleep 0.05; do n=$((n+1)); done", {
        background: true,
        timeoutMs: 0,
      });
      await sandbox.files.write("kept.txt", "kept");
      expect(await sandbox.pause()).toBe(true);
      expect(await sandbox.pause()).toBe(false);
      expect(await states(metadata)).toEqual(["paused"]);
      expect(await sandbox.isRunning()).toBe(false);
      await e2b().controls.clock.advance(48 * HOUR_MS);
      expect(await states(metadata)).toEqual(["paused"]);
      const resumed = await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 120_000 });
      expect(await states(metadata)).toEqual(["running"]);
      expect(await resumed.files.read("kept.txt")).toBe("kept");
      const pids = (await resumed.commands.list()).map(({ pid }) => pid);
      expect(pids).toContain(background.pid);
      const { endAt } = await resumed.getInfo();
      const left = endAt.getTime() - (await e2b().controls.clock.now());
      expect(left).toBeGreaterThan(100_000);
      expect(left).toBeLessThanOrEqual(120_000);
    });

    proves("E2B-016", "E2B-017")("a timeout may pause, and traffic resume", async () => {
      const { clock } = e2b().controls;
      for (const autoResume of [true, false]) {
        await using sandbox = await e2b().create({
          timeoutMs: 60_000,
          lifecycle: { onTimeout: "pause", autoResume },
        });
        await clock.expire(sandbox.sandboxId);
        expect((await sandbox.getInfo()).state).toBe("paused");
        expect(await sandbox.isRunning()).toBe(autoResume);
        expect((await sandbox.getInfo()).state).toBe(autoResume ? "running" : "paused");
      }
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves("E2B-014")("without memory a pause keeps files alone", async () => {
    const { Sandbox } = e2b().sdk;
    await using sandbox = await e2b().create();
    await sandbox.commands.run("sleep 600", { background: true, timeoutMs: 0 });
    await sandbox.files.write("kept.txt", "kept");
    await sandbox.pause({ keepMemory: false });
    expect((await sandbox.getInfo()).state).toBe("paused");
    const resumed = await Sandbox.connect(sandbox.sandboxId);
    expect(await resumed.commands.list()).toEqual([]);
    expect(await resumed.files.read("kept.txt")).toBe("kept");
    // A frozen one can be started from its disk, too.
    await resumed.commands.run("sleep 600", { background: true, timeoutMs: 0 });
    await resumed.pause();
    const rebooted = await Sandbox.connect(sandbox.sandboxId, { onResume: "reboot" });
    expect(await rebooted.commands.list()).toEqual([]);
    expect(await rebooted.files.read("kept.txt")).toBe("kept");
  });

  proves("E2B-026")("metrics are those of the sandbox", async () => {
    await using sandbox = await e2b().create();
    await sandbox.commands.run("head -c 60000000 /dev/zero > big; cat big | gzip > /dev/null");
    const samples = await sandbox.getMetrics();
    const last = samples.at(-1);
    expect(last).toMatchObject({ cpuCount: 2, timestamp: expect.any(Date) });
    expect(last?.memTotal).toBe(4_096 * 1024 * 1024);
    expect(last?.memUsed).toBeGreaterThan(0);
    expect(last?.diskUsed).toBeGreaterThanOrEqual(60_000_000);
    expect(last?.diskTotal).toBeGreaterThan(last?.diskUsed ?? Infinity);
    expect(Math.max(...samples.map(({ cpuUsedPct }) => cpuUsedPct))).toBeGreaterThan(0);
    const future = new Date((await e2b().controls.clock.now()) + HOUR_MS);
    expect(await sandbox.getMetrics({ start: future })).toEqual([]);
  });
});
