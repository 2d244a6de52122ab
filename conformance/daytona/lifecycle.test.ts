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
      expect(ours).toMatchObject({ name: theirs.name, state: "started", labels: { by: "v" } });
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
  },
  { versions: ["0.216", "0.205"] },
);
