import { Sandbox } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { processesWith, uniqueSeconds } from "./processes.ts";
import { proves } from "./proves.ts";
import { waitForOutput } from "./texts.ts";

forEachTransport((connection) => {
  describe("stopping", () => {
    proves(
      "SES-001",
      "SES-002",
      "SES-003",
      "SES-022",
      "API-012",
    )("keeps a persistent sandbox's files for the next session", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([
        { path: "here.txt", content: "here" },
        { path: "/tmp/there.txt", content: "there" },
      ]);
      const first = sandbox.currentSession().sessionId;
      const { snapshot } = await sandbox.stop();
      expect(sandbox.status).toBe("stopped");
      expect(snapshot?.creationMethod).toBe("automatic");
      expect(sandbox.currentSnapshotId).toBe(snapshot?.id);
      const result = await sandbox.runCommand("cat", ["here.txt", "/tmp/there.txt"]);
      expect(await result.stdout()).toBe("herethere");
      expect(sandbox.currentSession().sessionId).not.toBe(first);
      expect(sandbox.sourceSnapshotId).toBe(snapshot?.id);
    });

    proves("SES-023")("is undone by reading a file", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([{ path: "kept.txt", content: "kept" }]);
      await sandbox.stop();
      expect(String(await sandbox.readFileToBuffer({ path: "kept.txt" }))).toBe("kept");
      expect(sandbox.status).toBe("running");
    });

    proves("SES-024")("is told to onResume before the call that resumes goes on", async () => {
      const calls: string[] = [];
      await using sandbox = await connection().create({
        onResume: async (instance) => {
          await instance.writeFiles([{ path: "warm.txt", content: "warm" }]);
          calls.push("resumed");
        },
      });
      await sandbox.stop();
      const result = await sandbox.runCommand("cat", ["warm.txt"]);
      expect(await result.stdout()).toBe("warm");
      expect(calls).toEqual(["resumed"]);
    });

    proves("SES-004")("throws a sandbox's files away if it is not persistent", async () => {
      await using sandbox = await connection().create({ persistent: false });
      await sandbox.writeFiles([{ path: "lost.txt", content: "lost" }]);
      const { snapshot } = await sandbox.stop();
      expect(snapshot).toBeUndefined();
      expect(sandbox.currentSnapshotId).toBeUndefined();
      expect(await sandbox.readFileToBuffer({ path: "lost.txt" })).toBeNull();
    });

    proves("SES-005", "SES-026")("may be asked for twice, also at once", async () => {
      await using sandbox = await connection().create();
      const session = sandbox.currentSession();
      await Promise.all([session.stop(), session.stop(), session.stop()]);
      await session.stop();
      expect(session.status).toBe("stopped");
      expect((await sandbox.listSnapshots()).snapshots).toHaveLength(1);
    });

    proves("SES-006", "SES-007")("ends every process, however it tries to stay", async () => {
      await using sandbox = await connection().create();
      const sleep = `sleep ${uniqueSeconds()}`;
      const stubborn = `
        trap '' TERM HUP INT
        (setsid sh -c "trap '' TERM HUP; ${sleep} & wait" &)
        setsid nohup ${sleep} > /dev/null 2>&1 &
        echo ready
        ${sleep}`;
      const command = await sandbox.runCommand({
        cmd: "bash",
        args: ["-c", stubborn],
        detached: true,
      });
      await waitForOutput(command, "ready\n");
      await sandbox.stop();
      expect(await processesWith(sandbox, sleep)).toEqual([]);
    });

    proves(
      "SES-008",
      "SES-009",
      "SES-021",
      "SES-025",
    )("leaves a record of the session", async () => {
      await using sandbox = await connection().create();
      const session = sandbox.currentSession();
      expect({
        vcpus: session.vcpus,
        memory: session.memory,
        region: session.region,
        cwd: session.cwd,
        status: session.status,
        stoppedAt: session.stoppedAt,
        activeCpuUsageMs: session.activeCpuUsageMs,
      }).toEqual({
        vcpus: 2,
        memory: 4_096,
        region: "iad1",
        cwd: "/vercel/sandbox",
        status: "running",
        stoppedAt: undefined,
        activeCpuUsageMs: undefined,
      });
      // So much of a processor, however long that takes on a busy machine.
      const burn = "while (process.cpuUsage().user + process.cpuUsage().system < 250_000);";
      await sandbox.runCommand("node", ["-e", burn]);
      const ended = await session.stop();
      expect(ended.session.id).toBe(session.sessionId);
      expect(ended.sandbox?.currentSnapshotId).toBe(ended.snapshot?.id);
      const times = [
        session.requestedAt,
        session.startedAt,
        session.requestedStopAt,
        session.stoppedAt,
      ].map((time) => time?.getTime() ?? Number.NaN);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(session.status).toBe("stopped");
      expect(session.duration).toBeGreaterThanOrEqual(100);
      expect(session.activeCpuUsageMs).toBeGreaterThan(150);
    });

    proves("API-015")("is final for the session itself", async () => {
      await using sandbox = await connection().create();
      const session = sandbox.currentSession();
      const command = await session.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      await session.stop();
      for (const call of [
        () => session.runCommand("true"),
        () => session.readFile({ path: "a" }),
        () => session.mkDir("a"),
        () => session.extendTimeout(60_000),
        () => session.snapshot(),
        () => command.kill(),
      ]) {
        const gone = await rejection(call()).catch(() => undefined);
        // Killing what has ended is no error.
        if (gone) expect(gone).toMatchObject({ response: { status: 410 } });
      }
      const gone = await rejection(session.runCommand("true"));
      expect(gone).toMatchObject({ json: { error: { code: "sandbox_stopped" } } });
    });

    proves(
      "API-013",
      "API-014",
      "API-016",
    )("holds up calls that arrive meanwhile, which share the next session", async () => {
      await using sandbox = await connection().create();
      const slow = "trap 'sleep 0.3; exit' TERM; echo ready; while :; do sleep 0.01; done";
      const command = await sandbox.runCommand({ cmd: "sh", args: ["-c", slow], detached: true });
      await waitForOutput(command, "ready\n");
      const first = sandbox.currentSession().sessionId;
      const stopping = sandbox.currentSession().stop();
      const results = await Promise.all(
        [1, 2, 3, 4].map((each) => sandbox.runCommand("echo", [String(each)])),
      );
      await stopping;
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
      const { sessions } = await sandbox.listSessions();
      // Those that came before the stop began ran in the first session.
      expect(sessions.length).toBeLessThanOrEqual(2);
      expect(sessions.at(-1)?.id).toBe(first);
    });

    proves("API-012", "API-014")("is undone once, by many calls at the same time", async () => {
      await using sandbox = await connection().create();
      await sandbox.stop();
      const results = await Promise.all(
        [1, 2, 3, 4, 5].map((each) => sandbox.runCommand("echo", [String(each)])),
      );
      expect(await Promise.all(results.map((each) => each.stdout()))).toEqual([
        "1\n",
        "2\n",
        "3\n",
        "4\n",
        "5\n",
      ]);
      expect((await sandbox.listSessions()).sessions).toHaveLength(2);
    });
  });

  describe("the list", () => {
    proves(
      "SES-011",
      "SES-012",
      "API-018",
    )("is read in pages, the running one first", async () => {
      await using sandbox = await connection().create();
      const ids = [sandbox.currentSession().sessionId];
      for (let turn = 0; turn < 4; turn++) {
        await sandbox.stop();
        await sandbox.runCommand("true");
        ids.unshift(sandbox.currentSession().sessionId);
      }
      const first = await sandbox.listSessions({ limit: 2 });
      expect(first.sessions.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      expect(first.sessions.map(({ status }) => status)).toEqual(["running", "stopped"]);
      expect((await first.toArray()).map(({ id }) => id)).toEqual(ids);
      const oldest = await sandbox.listSessions({ sortOrder: "asc", limit: 1 });
      expect(oldest.sessions.map(({ id }) => id)).toEqual(ids.slice(-1));
    });

    proves("SES-013", "SES-028")("holds what is found by its id", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      const { sessionId } = sandbox.currentSession();
      const response = await connection().call(`/v2/sandboxes/sessions/${sessionId}`);
      expect(await response.json()).toMatchObject({
        session: { id: sessionId, status: "running", sourceSandboxName: sandbox.name },
        routes: [{ port: 3_000 }],
      });
      const unknown = await connection().call("/v2/sandboxes/sessions/sbx_unknown");
      expect(unknown.status).toBe(404);
    });

    proves("SES-020")("tells a port for the CLI", async () => {
      await using sandbox = await connection().create();
      expect(sandbox.interactivePort).toEqual(expect.any(Number));
    });
  });

  describe("lifetimes", () => {
    proves("SES-014", "SES-019")("are extended by exactly what is asked", async () => {
      await using sandbox = await connection().create();
      const session = sandbox.currentSession();
      const before = { timeout: session.timeout, expiresAt: sandbox.expiresAt?.getTime() ?? 0 };
      await sandbox.extendTimeout(61_234);
      expect(session.timeout).toBe(before.timeout + 61_234);
      expect(sandbox.expiresAt?.getTime()).toBe(before.expiresAt + 61_234);
    });

    proves(
      "SES-015",
      "SES-016",
      "SES-027",
      "ERR-001",
    )("are refused beyond the limits", async () => {
      await using sandbox = await connection().create();
      const tooLong = await rejection(sandbox.extendTimeout(5 * 86_400_000));
      expect(tooLong).toMatchObject({
        response: { status: 400 },
        json: { error: { code: "sandbox_timeout_invalid" } },
      });
      const tooShort = await rejection(sandbox.extendTimeout(999));
      expect(tooShort).toMatchObject({ response: { status: 400 } });
      expect(sandbox.currentSession().timeout).toBe(300_000);
      const atOnce = await rejection(Sandbox.create({ timeout: 86_400_001 }));
      expect(atOnce).toMatchObject({
        response: { status: 400 },
        json: { error: { code: "sandbox_timeout_invalid" } },
      });
    });

    proves("SES-017", "SES-018")("end the session, and keep its files", async () => {
      await using sandbox = await connection().create({ timeout: 1_500 });
      await sandbox.writeFiles([{ path: "kept.txt", content: "kept" }]);
      const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      // That of the command: on a busy machine the first one may have ended before it.
      const session = sandbox.currentSession();
      // Its end is the event that tells of the session's.
      expect((await command.wait()).exitCode).toBeGreaterThan(128);
      const found = await Sandbox.get({ name: sandbox.name, resume: true });
      const [, ended] = (await found.listSessions()).sessions;
      expect(ended?.id).toBe(session.sessionId);
      expect(ended?.status).toBe("stopped");
      const lived = (ended?.requestedStopAt ?? 0) - (ended?.startedAt ?? 0);
      expect(lived).toBeGreaterThanOrEqual(1_500);
      expect(String(await found.readFileToBuffer({ path: "kept.txt" }))).toBe("kept");
    });
  });
});
