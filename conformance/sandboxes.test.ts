import { randomUUID } from "node:crypto";
import { Sandbox, Snapshot } from "sandlot";
import { describe, expect } from "vitest";
import { deleting, forEachTransport, rejection } from "./harness.ts";
import { processesWith, uniqueSeconds } from "./processes.ts";
import { proves } from "./proves.ts";

function newName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

forEachTransport((connection) => {
  describe("creating", () => {
    proves(
      "SBX-001",
      "SBX-003",
      "SBX-004",
      "SBX-005",
      "API-001",
      "API-017",
    )("gives a running sandbox with the vendor's defaults", async () => {
      await using sandbox = await connection().create();
      expect(sandbox.name).toMatch(/^[A-Za-z0-9][\w.-]+$/);
      expect(sandbox.currentSession().sessionId).toMatch(/^sbx_\w+$/);
      expect({
        status: sandbox.status,
        timeout: sandbox.timeout,
        vcpus: sandbox.vcpus,
        memory: sandbox.memory,
        region: sandbox.region,
        failoverRegions: sandbox.failoverRegions,
        persistent: sandbox.persistent,
        networkPolicy: sandbox.networkPolicy,
        routes: sandbox.routes,
      }).toEqual({
        status: "running",
        timeout: 300_000,
        vcpus: 2,
        memory: 4_096,
        region: "iad1",
        failoverRegions: [],
        persistent: true,
        networkPolicy: "allow-all",
        routes: [],
      });
      expect((await sandbox.runCommand("true")).exitCode).toBe(0);
    });

    proves("SBX-002", "SBX-007")("uses the name, and refuses it the next time", async () => {
      const name = newName("named");
      await using sandbox = await connection().create({ name });
      expect(sandbox.name).toBe(name);
      await sandbox.writeFiles([{ path: "mine.txt", content: "first" }]);
      const refused = await rejection(Sandbox.create({ name }));
      expect(refused).toMatchObject({ response: { status: 409 } });
      expect(refused.message).toContain(name);
      expect(String(await sandbox.readFileToBuffer({ path: "mine.txt" }))).toBe("first");
    });

    proves("SBX-008")("refuses a name that is no path segment", async () => {
      for (const name of ["with space", "a/b", "..", "", "ü", "-x", "sessions"]) {
        const refused = await rejection(Sandbox.create({ name }));
        expect(refused, name).toMatchObject({ response: { status: 400 } });
      }
    });

    proves("SBX-005", "SBX-006")("gives 2048 MB for each of 1 or an even number", async () => {
      for (const vcpus of [1, 2, 4, 8]) {
        await using sandbox = await connection().create({ resources: { vcpus } });
        expect(sandbox.memory).toBe(vcpus * 2_048);
        expect(sandbox.currentSession().memory).toBe(vcpus * 2_048);
        expect(sandbox.currentSession().vcpus).toBe(vcpus);
      }
      for (const vcpus of [0, 3, 1.5, -2]) {
        const refused = await rejection(Sandbox.create({ resources: { vcpus } }));
        expect(refused, String(vcpus)).toMatchObject({ response: { status: 400 } });
      }
    });

    proves(
      "SBX-009",
      "SBX-010",
      "API-017",
    )("exposes up to 15 ports", async () => {
      const ports = Array.from({ length: 16 }, (_, index) => 3_000 + index);
      const refused = await rejection(Sandbox.create({ ports }));
      expect(refused.message).toContain("should NOT have more than 15 items");
      await using sandbox = await connection().create({ ports: ports.slice(1) });
      expect(sandbox.routes.map(({ port }) => port)).toEqual(ports.slice(1));
      for (const { subdomain, url } of sandbox.routes) {
        expect(subdomain).toMatch(/^sb-\w{12}$/);
        expect(URL.canParse(url)).toBe(true);
      }
    });

    proves("SBX-011")("sets the sandbox's variables in every command", async () => {
      await using sandbox = await connection().create({ env: { GREETING: "good day", EMPTY: "" } });
      const script = 'echo "$GREETING|${EMPTY-unset}"';
      for (let turn = 0; turn < 2; turn++) {
        const result = await sandbox.runCommand("sh", ["-c", script]);
        expect(await result.stdout()).toBe("good day|\n");
      }
    });

    proves("SBX-012", "SBX-013")("keeps up to 5 tags", async () => {
      const tags = { one: "1", two: "2", three: "3", four: "4", five: "" };
      await using sandbox = await connection().create({ tags });
      expect(sandbox.tags).toEqual(tags);
      expect((await Sandbox.get({ name: sandbox.name })).tags).toEqual(tags);
      const refused = await rejection(Sandbox.create({ tags: { ...tags, six: "6" } }));
      expect(refused).toMatchObject({ response: { status: 400 } });
    });

    proves("SBX-014")("refuses a runtime together with an image, locally", async () => {
      // @ts-expect-error: the types forbid it as well
      const refused = await rejection(Sandbox.create({ runtime: "node24", image: "ubuntu" }));
      expect(refused).toBeInstanceOf(TypeError);
    });

    proves("SBX-015", "API-007")("reads back a runtime, an image and regions", async () => {
      await using legacy = await connection().create({ runtime: "node24" });
      expect(legacy.runtime).toBe("node24");
      expect(legacy.currentSession().runtime).toBe("node24");
      await using sandbox = await connection().create({
        image: "vercel/sandbox/ubuntu",
        region: "fra1",
        failoverRegions: ["sfo1", "hnd1"],
      });
      expect(sandbox.image).toContain("vercel/sandbox/ubuntu");
      expect(sandbox.region).toBe("fra1");
      expect(sandbox.failoverRegions).toEqual(["sfo1", "hnd1"]);
      expect(sandbox.currentSession().region).toBe("fra1");
    });

    proves("SBX-016")("refuses to fail over to the region itself", async () => {
      const refused = await rejection(
        Sandbox.create({ region: "fra1", failoverRegions: ["sfo1", "fra1"] }),
      );
      expect(refused).toMatchObject({ response: { status: 400 } });
    });

    proves("SBX-024")("stops at the end of an `await using` block", async () => {
      const name = newName("block");
      {
        await using sandbox = await Sandbox.create({ name });
        expect(sandbox.status).toBe("running");
      }
      await using found = deleting(await Sandbox.get({ name }));
      expect(found.status).toBe("stopped");
    });

    proves("SBX-025")("calls no onResume", async () => {
      let calls = 0;
      await using sandbox = await connection().create({
        onResume: async () => {
          calls++;
        },
      });
      await sandbox.runCommand("true");
      expect(calls).toBe(0);
    });

    proves("ERR-004", "API-003")("takes credentials of any value", async () => {
      const credentials = { token: "any", teamId: "team_any", projectId: "prj_any" };
      await using sandbox = await connection().create(credentials);
      const found = await Sandbox.get({ name: sandbox.name, ...credentials });
      expect(found.currentSession().sessionId).toBe(sandbox.currentSession().sessionId);
    });
  });

  describe("getting", () => {
    proves("SBX-026")("finds a sandbox with its session and routes", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      const found = await Sandbox.get({ name: sandbox.name });
      expect(found.currentSession().sessionId).toBe(sandbox.currentSession().sessionId);
      expect(found.routes).toEqual(sandbox.routes);
      expect(found.createdAt).toEqual(sandbox.createdAt);
    });

    proves(
      "SBX-027",
      "SBX-028",
      "SES-010",
    )("resumes only when asked, and tells the caller", async () => {
      await using sandbox = await connection().create();
      await sandbox.stop();
      const looked = await Sandbox.get({ name: sandbox.name });
      expect(looked.status).toBe("stopped");
      expect((await looked.listSessions()).sessions).toHaveLength(1);
      const resumed: string[] = [];
      const found = await Sandbox.get({
        name: sandbox.name,
        resume: true,
        onResume: async (instance) => {
          await instance.writeFiles([{ path: "warm.txt", content: "yes" }]);
          resumed.push(instance.name);
        },
      });
      expect(resumed).toEqual([sandbox.name]);
      expect(found.status).toBe("running");
      expect(String(await found.readFileToBuffer({ path: "warm.txt" }))).toBe("yes");
      const { sessions } = await found.listSessions();
      expect(sessions.map(({ id }) => id)).toEqual([
        found.currentSession().sessionId,
        sandbox.currentSession().sessionId,
      ]);
    });

    proves("SBX-029")("leaves a running one as it is", async () => {
      await using sandbox = await connection().create();
      let calls = 0;
      const found = await Sandbox.get({
        name: sandbox.name,
        resume: true,
        onResume: async () => {
          calls++;
        },
      });
      expect(calls).toBe(0);
      expect(found.currentSession().sessionId).toBe(sandbox.currentSession().sessionId);
    });

    proves("SBX-030")("is a 404 for an unknown name", async () => {
      const missing = await rejection(Sandbox.get({ name: newName("unknown") }));
      expect(missing).toMatchObject({ response: { status: 404 } });
    });
  });

  describe("getting or creating", () => {
    proves("SBX-031")("always makes a new one without a name", async () => {
      let calls = 0;
      const make = async () =>
        deleting(
          await Sandbox.getOrCreate({
            onCreate: async () => {
              calls++;
            },
          }),
        );
      await using first = await make();
      await using second = await make();
      expect(first.name).not.toBe(second.name);
      expect(calls).toBe(2);
    });

    proves("SBX-032")("makes a named one once", async () => {
      const name = newName("once");
      const calls: string[] = [];
      const make = async (text: string) =>
        deleting(
          await Sandbox.getOrCreate({
            name,
            onCreate: async (sandbox) => {
              calls.push(text);
              await sandbox.fs.writeFile("made.txt", text);
            },
          }),
        );
      await using first = await make("first");
      await using second = await make("second");
      expect(second.name).toBe(first.name);
      expect(calls).toEqual(["first"]);
      expect(await second.fs.readFile("made.txt", "utf8")).toBe("first");
    });

    proves("SBX-033", "SNP-020")("replaces one whose snapshot is gone", async () => {
      const name = newName("broken");
      await using sandbox = await connection().create({ name });
      const { snapshot } = await sandbox.stop();
      await (await Snapshot.get({ snapshotId: snapshot?.id ?? "" })).delete();
      const refused = await rejection(Sandbox.get({ name, resume: true }));
      expect(refused).toMatchObject({
        response: { status: 410 },
        json: { error: { code: "snapshot_not_found" } },
      });
      let calls = 0;
      await using replaced = deleting(
        await Sandbox.getOrCreate({
          name,
          resume: true,
          onCreate: async () => {
            calls++;
          },
        }),
      );
      expect(calls).toBe(1);
      expect(replaced.status).toBe("running");
    });

    proves("SBX-034")("gives one sandbox to callers at the same time", async () => {
      const name = newName("race");
      const all = await Promise.all(
        Array.from({ length: 8 }, () => Sandbox.getOrCreate({ name, resume: true })),
      );
      await using first = deleting(all[0] as Sandbox);
      const sessions = new Set(all.map((each) => each.currentSession().sessionId));
      expect([...sessions]).toEqual([first.currentSession().sessionId]);
    });
  });

  describe("updating", () => {
    proves("SBX-044", "SBX-049")("changes resources for the next session", async () => {
      await using sandbox = await connection().create({ timeout: 60_000 });
      await sandbox.update({ resources: { vcpus: 4 } });
      expect(sandbox.vcpus).toBe(4);
      expect(sandbox.currentSession().vcpus).toBe(2);
      await sandbox.stop();
      await sandbox.update({ timeout: 30_000, persistent: false });
      const found = await Sandbox.get({ name: sandbox.name });
      expect({
        vcpus: found.vcpus,
        memory: found.memory,
        timeout: found.timeout,
        persistent: found.persistent,
      }).toEqual({ vcpus: 4, memory: 8_192, timeout: 30_000, persistent: false });
      await sandbox.runCommand("true");
      expect(sandbox.currentSession().vcpus).toBe(4);
      expect(sandbox.currentSession().timeout).toBe(30_000);
    });

    proves("SBX-045")("replaces ports at once", async () => {
      await using sandbox = await connection().create({ ports: [3_000, 4_000] });
      const before = sandbox.routes.find(({ port }) => port === 4_000);
      await sandbox.update({ ports: [4_000, 5_000] });
      expect(sandbox.routes.map(({ port }) => port)).toEqual([4_000, 5_000]);
      expect(sandbox.routes[0]).toEqual(before);
      expect(() => sandbox.domain(3_000)).toThrow("No route for port 3000");
    });

    proves("SBX-046", "SES-019")("extends the running session by a longer timeout", async () => {
      await using sandbox = await connection().create({ timeout: 60_000 });
      const before = sandbox.expiresAt?.getTime() ?? 0;
      await sandbox.update({ timeout: 90_000 });
      expect(sandbox.currentSession().timeout).toBe(90_000);
      expect(sandbox.expiresAt?.getTime()).toBe(before + 30_000);
    });

    proves("SBX-047")("gives the running session the new network policy", async () => {
      await using sandbox = await connection().create();
      await sandbox.update({ networkPolicy: "deny-all" });
      expect(sandbox.networkPolicy).toBe("deny-all");
      expect(sandbox.currentSession().networkPolicy).toBe("deny-all");
    });

    proves(
      "SBX-048",
      "SBX-063",
      "SBX-064",
    )("changes tags, expiry, retention, network", async () => {
      await using sandbox = await connection().create({ tags: { old: "1" }, networkId: "net-1" });
      expect(sandbox.networkId).toBe("net-1");
      await sandbox.update({
        tags: { new: "2" },
        snapshotExpiration: 86_400_000,
        keepLastSnapshots: { count: 3, expiration: 0 },
        networkId: null,
      });
      const found = await Sandbox.get({ name: sandbox.name });
      expect(found.tags).toEqual({ new: "2" });
      expect(found.snapshotExpiration).toBe(86_400_000);
      expect(found.keepLastSnapshots).toEqual({ count: 3, expiration: 0, deleteEvicted: true });
      expect(found.networkId).toBeUndefined();
      await sandbox.update({ keepLastSnapshots: null });
      expect((await Sandbox.get({ name: sandbox.name })).keepLastSnapshots).toBeUndefined();
    });

    proves("SBX-050")("starts the next session from the snapshot that is set", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([{ path: "state.txt", content: "one" }]);
      const first = await sandbox.snapshot();
      await sandbox.writeFiles([{ path: "state.txt", content: "two" }]);
      await sandbox.stop();
      await sandbox.update({ currentSnapshotId: first.snapshotId });
      expect(String(await sandbox.readFileToBuffer({ path: "state.txt" }))).toBe("one");
      expect(sandbox.sourceSnapshotId).toBe(first.snapshotId);
    });
  });

  describe("deleting", () => {
    proves("SBX-051", "SBX-054")("stops, forgets, and frees the name", async () => {
      const name = newName("gone");
      const sandbox = await connection().create({ name });
      await sandbox.writeFiles([{ path: "old.txt", content: "old" }]);
      const marker = uniqueSeconds();
      await sandbox.runCommand({ cmd: "sleep", args: [marker], detached: true });
      await sandbox.delete();
      const missing = await rejection(Sandbox.get({ name }));
      expect(missing).toMatchObject({ response: { status: 404 } });
      await using again = await connection().create({ name });
      expect(await again.readFileToBuffer({ path: "old.txt" })).toBeNull();
      expect(await processesWith(again, `sleep ${marker}`)).toEqual([]);
    });

    proves("SBX-052", "SBX-053")("keeps or deletes its snapshots as asked", async () => {
      const sandbox = await connection().create();
      await sandbox.writeFiles([{ path: "kept.txt", content: "kept" }]);
      const { snapshotId } = await sandbox.snapshot();
      await sandbox.delete();
      const kept = await Snapshot.get({ snapshotId });
      expect(kept.status).toBe("created");
      const source = { type: "snapshot" as const, snapshotId };
      const heir = await connection().create({ source });
      expect(String(await heir.readFileToBuffer({ path: "kept.txt" }))).toBe("kept");
      const own = await heir.snapshot();
      await heir.delete({ deleteOrphanSnapshots: true });
      expect((await Snapshot.get({ snapshotId: own.snapshotId })).status).toBe("deleted");
      await kept.delete();
    });
  });

  describe("what a sandbox tells", () => {
    proves("SBX-062", "API-005")("is when it ends, while it runs", async () => {
      const before = Date.now();
      await using sandbox = await connection().create({ timeout: 120_000 });
      const session = sandbox.currentSession();
      const startedAt = session.startedAt?.getTime() ?? 0;
      expect(startedAt).toBeGreaterThanOrEqual(before - 1);
      expect(startedAt).toBeLessThanOrEqual(Date.now());
      expect(sandbox.expiresAt?.getTime()).toBe(startedAt + 120_000);
      await sandbox.stop();
      expect((await Sandbox.get({ name: sandbox.name })).expiresAt).toBeUndefined();
    });

    proves("SBX-065")("is its status, and since when", async () => {
      await using sandbox = await connection().create();
      const running = (await Sandbox.list({ sortBy: "name", namePrefix: sandbox.name })).sandboxes;
      expect(running.map(({ status }) => status)).toEqual(["running"]);
      const since = sandbox.statusUpdatedAt?.getTime() ?? 0;
      await sandbox.stop();
      const stopped = (await Sandbox.list({ sortBy: "name", namePrefix: sandbox.name })).sandboxes;
      expect(stopped.map(({ status }) => status)).toEqual(["stopped"]);
      expect(stopped[0]?.statusUpdatedAt).toBeGreaterThan(since);
    });

    proves("SBX-066")("is what it used in all", async () => {
      await using sandbox = await connection().create();
      // So much of a processor, however long that takes on a busy machine.
      const burn = "while (process.cpuUsage().user + process.cpuUsage().system < 250_000);";
      await sandbox.runCommand("node", ["-e", burn]);
      await sandbox.stop();
      const first = await Sandbox.get({ name: sandbox.name });
      expect(first.totalDurationMs).toBeGreaterThanOrEqual(100);
      expect(first.totalActiveCpuDurationMs).toBeGreaterThan(150);
      await sandbox.runCommand("true");
      await sandbox.stop();
      const second = await Sandbox.get({ name: sandbox.name });
      expect(second.totalDurationMs).toBeGreaterThan(first.totalDurationMs ?? 0);
    });
  });
});
