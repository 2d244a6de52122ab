import { Sandbox as VercelSandbox } from "sandlot";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";

forDaytona((daytona) => {
  proves("DAY-010")("settings are changed while it runs", async () => {
    await using sandbox = await daytona().create({ envVars: { OLD: "1", BOTH: "1" } });
    expect(await sandbox.setLabels({ test: "set" })).toEqual({ test: "set" });
    await sandbox.setAutostopInterval(30);
    await sandbox.setAutoArchiveInterval(120);
    await sandbox.setAutoDeleteInterval(0);
    await sandbox.setTtl(600);
    await sandbox.refreshData();
    expect(sandbox).toMatchObject({
      labels: { test: "set" },
      autoStopInterval: 30,
      autoArchiveInterval: 120,
      autoDeleteInterval: 0,
      autoDestroyAt: expect.stringMatching(/Z$/),
    });
    await sandbox.setAutoPauseInterval(20);
    await sandbox.setAutoDeleteInterval(-1);
    await sandbox.setTtl(0);
    await sandbox.refreshData();
    expect(sandbox).toMatchObject({
      autoStopInterval: 0,
      autoPauseInterval: 20,
      autoDeleteInterval: -1,
      autoDestroyAt: undefined,
    });
    await sandbox.updateEnv({ BOTH: "2", NEW: "3" }, { unset: ["OLD"] });
    const { result } = await sandbox.process.executeCommand("echo $OLD-$BOTH-$NEW");
    expect(result).toBe("-2-3\n");
  });

  proves("DAY-011")("an idle sandbox stops", async () => {
    await using sandbox = await daytona().create({ autoStopInterval: 10 });
    const { clock } = daytona().controls;
    await clock.advance("9m");
    await sandbox.refreshActivity();
    await clock.advance("9m");
    await sandbox.process.executeCommand("true");
    await clock.advance("9m");
    await sandbox.refreshData();
    expect(sandbox.state).toBe("started");
    await clock.advance("1m");
    await sandbox.refreshData();
    expect(sandbox.state).toBe("stopped");
  });

  proves("DAY-012")("a time to live ends it", async () => {
    const { client, controls } = daytona();
    const sandbox = await client.create({ autoStopInterval: 0, ttlMinutes: 60 });
    await controls.clock.advance("59m");
    expect((await client.get(sandbox.id)).state).toBe("started");
    await controls.clock.advance("1m");
    expect((await rejection(client.get(sandbox.id))).name).toBe("DaytonaNotFoundError");
  });

  proves("DAY-013")("where a sandbox may connect to", async () => {
    await using sandbox = await daytona().create({ networkBlockAll: true });
    const policy = async () => (await VercelSandbox.get({ name: sandbox.name })).networkPolicy;
    expect(sandbox.networkBlockAll).toBe(true);
    expect(await policy()).toBe("deny-all");
    await sandbox.updateNetworkSettings({
      networkAllowList: "10.0.0.0/8, 192.0.2.0/24",
      domainAllowList: "example.com,*.example.org",
    });
    expect(sandbox).toMatchObject({
      networkBlockAll: false,
      networkAllowList: "10.0.0.0/8,192.0.2.0/24",
      domainAllowList: "example.com,*.example.org",
    });
    expect(await policy()).toEqual({
      allow: ["example.com", "*.example.org"],
      subnets: { allow: ["10.0.0.0/8", "192.0.2.0/24"] },
    });
    await sandbox.updateNetworkSettings({ networkAllowList: "", domainAllowList: "" });
    expect(await policy()).toBe("allow-all");
    const refused = await rejection(
      sandbox.updateNetworkSettings({ networkAllowList: "10.0.0.0" }),
    );
    expect(refused.message).toContain('"10.0.0.0" is no subnet');
  });

  proves("DAY-096")("what it uses is told", async () => {
    const { shared } = daytona();
    const latest = await shared.getMetricsLatest();
    expect(latest.cpuCount).toBeGreaterThanOrEqual(1);
    expect(latest.memTotal).toBeGreaterThan(0);
    expect(latest.timestamp.getTime()).toBeGreaterThan(0);
    const all = await shared.getMetrics();
    expect(all.length).toBeGreaterThan(0);
  });
});
