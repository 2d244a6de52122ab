import { Sandbox as VercelSandbox } from "sandlot";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { deleting, forDaytona } from "./harness.ts";

const MINUTE_MS = 60_000;

forDaytona(
  (daytona) => {
    const listed = async (query: Parameters<ReturnType<typeof daytona>["client"]["list"]>[0]) => {
      const names: string[] = [];
      for await (const { name } of daytona().client.list(query)) names.push(name);
      return names;
    };

    proves("DAY-001", "DAY-002")("a sandbox that was asked for with nothing", async () => {
      const { shared } = daytona();
      expect(shared).toMatchObject({
        id: expect.stringMatching(/^[a-z0-9]{20}$/),
        name: expect.stringMatching(/./),
        organizationId: "local",
        state: "started",
        user: "daytona",
        cpu: 1,
        memory: 1,
        disk: 3,
        labels: { "code-toolbox-language": "python" },
        public: false,
        networkBlockAll: false,
        autoStopInterval: 15,
        autoDeleteInterval: -1,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });
      expect(await shared.getUserHomeDir()).toBe("/home/daytona");
      expect(await shared.getWorkDir()).toBe("/home/daytona");
    });

    proves("DAY-003", "DAY-004")("what was asked for holds", async () => {
      await using sandbox = await daytona().create({
        name: "asked-for",
        language: "javascript",
        labels: { purpose: "test" },
        envVars: { GREETING: "hello" },
        autoStopInterval: 30,
        autoArchiveInterval: 120,
        autoDeleteInterval: 60,
        ttlMinutes: 600,
        public: true,
      });
      const found = await daytona().client.get("asked-for");
      expect(found.id).toBe(sandbox.id);
      expect(found).toMatchObject({
        labels: { purpose: "test", "code-toolbox-language": "javascript" },
        env: { GREETING: "hello" },
        autoStopInterval: 30,
        autoArchiveInterval: 120,
        autoDeleteInterval: 60,
        public: true,
      });
      const lifetime = Date.parse(found.autoDestroyAt ?? "") - Date.parse(found.createdAt ?? "");
      expect(Math.abs(lifetime - 600 * MINUTE_MS)).toBeLessThan(MINUTE_MS);
      expect((await sandbox.process.executeCommand("echo $GREETING")).result).toBe("hello\n");
      expect((await rejection(daytona().create({ name: "asked-for" }))).name).toBe(
        "DaytonaConflictError",
      );
    });

    proves("DAY-004")("another face's sandbox is found and used", async () => {
      await using theirs = await daytona().connection.create({
        name: "made-by-vercel",
        tags: { by: "v" },
      });
      const ours = await daytona().client.get("made-by-vercel");
      expect(ours).toMatchObject({
        name: theirs.name,
        state: "started",
        user: "vercel-sandbox",
        labels: { by: "v" },
      });
      await ours.fs.uploadFile(Buffer.from("across"), "/vercel/sandbox/note.txt");
      const read = await theirs.runCommand("cat", ["note.txt"]);
      expect(await read.stdout()).toBe("across");
      expect((await ours.process.executeCommand("pwd", "/vercel/sandbox")).exitCode).toBe(0);
    });

    proves("DAY-005")("lists go over all pages", async () => {
      const labels = { list: "pages" };
      await using _one = await daytona().create({ name: "page-1", labels });
      await using _two = await daytona().create({
        name: "page-2",
        labels: { ...labels, odd: "no" },
      });
      await using three = await daytona().create({ name: "page-3", labels });
      const order = { sort: "name", order: "asc" } as const;
      expect(await listed({ labels, limit: 2, ...order })).toEqual(["page-1", "page-2", "page-3"]);
      expect(await listed({ labels: { ...labels, odd: "no" } })).toEqual(["page-2"]);
      await three.stop();
      expect(await listed({ labels, states: ["stopped"] })).toEqual(["page-3"]);
      expect(await listed({ labels, states: ["archived"] })).toEqual([]);
    });

    proves("DAY-006")("stopping keeps the files", async () => {
      await using sandbox = await daytona().create();
      await sandbox.fs.uploadFile(Buffer.from("kept"), "kept.txt");
      await sandbox.stop();
      expect(sandbox.state).toBe("stopped");
      expect((await rejection(sandbox.process.executeCommand("true"))).name).toBe(
        "DaytonaConflictError",
      );
      await sandbox.start();
      expect(sandbox.state).toBe("started");
      expect((await sandbox.process.executeCommand("cat kept.txt")).result).toBe("kept");
    });

    proves("DAY-007")("pausing freezes what runs", async () => {
      await using sandbox = await daytona().create();
      await sandbox.process.createSession("counter");
      const { cmdId } = await sandbox.process.executeSessionCommand("counter", {
        command: "read line; echo $line $$",
        runAsync: true,
      });
      const before = await sandbox.process.executeCommand("echo here");
      await sandbox.pause();
      expect(sandbox.state).toBe("paused");
      await sandbox.start();
      expect(before.result).toBe("here\n");
      await sandbox.process.sendSessionCommandInput("counter", cmdId, "still\n");
      let output = "";
      await sandbox.process.getSessionCommandLogs(
        "counter",
        cmdId,
        (text) => (output += text),
        () => {},
      );
      expect(output).toMatch(/^still\nstill \d+\n$/);
    });

    proves("DAY-008")("a fork has the files of its source", async () => {
      await using sandbox = await daytona().create({ labels: { of: "source" } });
      await sandbox.fs.uploadFile(Buffer.from("both"), "both.txt");
      await using fork = deleting(await sandbox.fork({ name: "the-fork" }));
      await sandbox.fs.uploadFile(Buffer.from("source"), "both.txt");
      expect(fork).toMatchObject({ name: "the-fork", state: "started", labels: { of: "source" } });
      expect((await fork.process.executeCommand("cat both.txt")).result).toBe("both");
      expect((await sandbox.process.executeCommand("cat both.txt")).result).toBe("source");
    });

    proves("DAY-009")("a deleted sandbox is unknown", async () => {
      const { client } = daytona();
      const sandbox = await client.create({ name: "short-lived" });
      await sandbox.delete();
      expect((await rejection(client.get("short-lived"))).name).toBe("DaytonaNotFoundError");
      const ephemeral = await client.create({ name: "ephemeral", ephemeral: true });
      await ephemeral.stop();
      expect((await rejection(client.get("ephemeral"))).name).toBe("DaytonaNotFoundError");
    });

    proves("DAY-096")("what it uses is told", async () => {
      const { shared } = daytona();
      const latest = await shared.getMetricsLatest();
      expect(latest.cpuCount).toBeGreaterThanOrEqual(1);
      expect(latest.memTotal).toBeGreaterThan(0);
      expect(latest.timestamp.getTime()).toBeGreaterThan(0);
      const all = await shared.getMetrics(new Date(0), new Date(Date.now() + 24 * 60 * MINUTE_MS));
      expect(all.length).toBeGreaterThan(0);
    });

    // From here on time is moved, and what idles stops.
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
  },
  { versions: ["0.216", "0.205"] },
);
