import { expect } from "vitest";
import type { Root } from "../engine/ports.ts";
import { newId } from "../std/ids.ts";
import { fileEntry, type IsolationBench, readText, writeFiles } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { prepareRequest } from "./prepare-request.ts";

async function capture(root: Root): Promise<{ snapshotId: string; sizeBytes: number }> {
  const snapshotId = newId("snap");
  await root.halt({ graceMs: 0 });
  return { snapshotId, ...(await root.capture(snapshotId)) };
}

// Everything about a tree that a snapshot must keep, as commands see it.
const DESCRIBE =
  "cd /vercel 2>/dev/null || cd ..; find . -printf '%p %y %m %l ' -type f -printf '%s %T@ ' , -printf '\\n' | sort";

async function describe(bench: IsolationBench, root: Root): Promise<string> {
  return (await bench.sh(root, DESCRIBE, { cwd: "/vercel/sandbox" })).stdout;
}

async function aDrive(bench: IsolationBench): Promise<string> {
  const driveId = newId("drive");
  await bench.isolation.ensureDrive(driveId);
  await bench.isolation.ensureDrive(driveId);
  return driveId;
}

export const stateCases: IsolationCases = {
  async "restores a snapshot as it was: contents, modes, times, links"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      "mkdir -p a/b; echo text > a/b/file; touch -d 2001-02-03 a/b/file; chmod 750 a; printf '#!' > tool; chmod 755 tool;" +
        " ln -s a/b/file link; ln -s /vercel/sandbox/a absolute; ln -s nowhere dangling; ln tool hard; : > 'odd\nname'",
    );
    await writeFiles(root, fileEntry("/tmp/kept", "also"));
    const before = await describe(bench, root);
    const { snapshotId } = await capture(root);
    const restored = await bench.prepare({ snapshotId });
    expect(await describe(bench, restored)).toBe(before);
    expect(await readText(restored, "/tmp/kept")).toBe("also");
    expect((await bench.sh(restored, "test tool -ef hard; echo $?")).stdout).toBe("0\n");
  },

  async "restores what its owner has shut"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      "mkdir -p shut/inner blind; echo secret > shut/inner/file; echo none > none; echo x > blind/x;" +
        " chmod 000 none; chmod 500 shut/inner; chmod 555 shut; chmod 000 blind",
    );
    const { snapshotId } = await capture(root);
    const restored = await bench.prepare({ snapshotId });
    const { stdout } = await bench.sh(
      restored,
      "stat -c '%a %n' none shut shut/inner blind; cat shut/inner/file",
    );
    expect(stdout).toBe("0 none\n555 shut\n500 shut/inner\n0 blind\nsecret\n");
    await restored.halt({ graceMs: 0 });
    await restored.remove();
  },

  async "leaves out what is nothing without its process"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      'mkfifo fifo; node -e \'require("net").createServer().listen("socket", () => process.kill(process.pid, 9))\'',
    );
    expect((await bench.run(root, ["ls"])).stdout).toBe("fifo\nsocket\n");
    const { snapshotId } = await capture(root);
    const restored = await bench.prepare({ snapshotId });
    expect((await bench.run(restored, ["ls"])).stdout).toBe("");
  },

  async "restores one snapshot many times, each for itself"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "echo original > file");
    const { snapshotId } = await capture(root);
    const [one, other] = [await bench.prepare({ snapshotId }), await bench.prepare({ snapshotId })];
    await bench.sh(one, "echo changed > file");
    expect(await readText(other, "/vercel/sandbox/file")).toBe("original\n");
    const third = await bench.prepare({ snapshotId });
    expect(await readText(third, "/vercel/sandbox/file")).toBe("original\n");
  },

  async "tells a snapshot's size, and forgets a deleted one"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "head -c 100000 /dev/zero > file");
    const { snapshotId, sizeBytes } = await capture(root);
    expect(sizeBytes).toBeGreaterThanOrEqual(100_000);
    expect(await bench.isolation.measureSnapshot(snapshotId)).toEqual({ sizeBytes });
    await bench.isolation.deleteSnapshot(snapshotId);
    await bench.isolation.deleteSnapshot(snapshotId);
    expect(await bench.isolation.measureSnapshot(snapshotId)).toBeUndefined();
    await expect(bench.prepare({ snapshotId })).rejects.toMatchObject({ code: "snapshot_gone" });
  },

  async "consumes a root that was captured or removed"(bench) {
    const root = await bench.prepare();
    await capture(root);
    expect(await bench.isolation.adopt(root.handle)).toBeUndefined();
    const other = await bench.prepare();
    await other.halt({ graceMs: 0 });
    await other.remove();
    expect(await bench.isolation.adopt(other.handle)).toBeUndefined();
  },

  async "keeps a sandbox's paths the same when it is resumed"(bench) {
    const sandboxName = "same-name";
    const root = await bench.prepare({ sandboxName });
    const before = (await bench.run(root, ["pwd"])).stdout;
    const { snapshotId } = await capture(root);
    const resumed = await bench.prepare({ sandboxName, snapshotId });
    expect((await bench.run(resumed, ["pwd"])).stdout).toBe(before);
  },

  async "makes nothing when it is told to stop"(bench) {
    const stopped = bench.isolation.prepare(
      prepareRequest({ sessionId: newId("sbx"), sandboxName: "never" }),
      { signal: AbortSignal.abort(new Error("not wanted")) },
    );
    await expect(stopped).rejects.toThrow("not wanted");
  },

  async "shares a drive between sessions"(bench) {
    const driveId = await aDrive(bench);
    const mounts = [{ path: "/data", driveId, mode: "read-write" as const }];
    const one = await bench.prepare({ mounts });
    await writeFiles(one, fileEntry("/data/folder/from-files", "1"));
    await bench.run(one, ["cp", "/data/folder/from-files", "/data/from-command"]);
    const other = await bench.prepare({ mounts });
    expect(await readText(other, "/data/from-command")).toBe("1");
    expect((await bench.run(other, ["cat", "folder/from-files"], { cwd: "/data" })).stdout).toBe(
      "1",
    );
  },

  async "gives a copy of a drive where only its state now is wanted"(bench) {
    const driveId = await aDrive(bench);
    const writer = await bench.prepare({
      mounts: [{ path: "/data", driveId, mode: "read-write" }],
    });
    await writeFiles(writer, fileEntry("/data/file", "before"));
    const mounts = [{ path: "/vercel/sandbox/data", driveId, mode: "snapshot" as const }];
    const reader = await bench.prepare({ mounts });
    await writeFiles(writer, fileEntry("/data/file", "after"));
    expect(await readText(reader, "/vercel/sandbox/data/file")).toBe("before");
    await writeFiles(reader, fileEntry("/vercel/sandbox/data/file", "own"));
    expect(await readText(writer, "/data/file")).toBe("after");
  },

  async "keeps drives out of snapshots, and brings back what they hid"(bench) {
    const driveId = await aDrive(bench);
    const seed = await bench.prepare();
    await writeFiles(seed, fileEntry("/vercel/sandbox/data/hidden", "was here"));
    const { snapshotId } = await capture(seed);
    for (const mode of ["read-write", "snapshot"] as const) {
      const path = "/vercel/sandbox/data";
      const root = await bench.prepare({ snapshotId, mounts: [{ path, driveId, mode }] });
      expect((await bench.run(root, ["ls", "data"])).stdout).not.toContain("hidden");
      await writeFiles(
        root,
        fileEntry(`${path}/on-the-drive`, "x"),
        fileEntry("/vercel/sandbox/own", "y"),
      );
      const captured = await capture(root);
      const restored = await bench.prepare({ snapshotId: captured.snapshotId });
      expect((await bench.run(restored, ["ls", "data"])).stdout).toBe("hidden\n");
      expect(await readText(restored, "/vercel/sandbox/own")).toBe("y");
    }
    const root = await bench.prepare({ mounts: [{ path: "/data", driveId, mode: "read-write" }] });
    expect(await readText(root, "/data/on-the-drive")).toBe("x");
  },

  async "copies and deletes drives"(bench) {
    const [source, target] = [await aDrive(bench), newId("drive")];
    const one = await bench.prepare({
      mounts: [{ path: "/data", driveId: source, mode: "read-write" }],
    });
    await writeFiles(one, fileEntry("/data/file", "content"));
    await bench.isolation.copyDrive(source, target);
    await bench.isolation.deleteDrive(source);
    await bench.isolation.deleteDrive(source);
    const other = await bench.prepare({
      mounts: [{ path: "/data", driveId: target, mode: "read-write" }],
    });
    expect(await readText(other, "/data/file")).toBe("content");
  },

  async "sweeps what nobody knows, and what still runs in it"(bench) {
    const [known, unknown] = [await bench.prepare(), await bench.prepare()];
    const [knownDrive, unknownDrive] = [await aDrive(bench), await aDrive(bench)];
    const kept = await capture(await bench.prepare());
    const lost = await capture(await bench.prepare());
    const command = await bench.start(unknown, ["sleep", "60"]);
    await bench.isolation.sweep({
      roots: [known.handle],
      snapshotIds: [kept.snapshotId],
      driveIds: [knownDrive],
    });
    expect((await command.exited).exitCode).toBe(137);
    expect(await bench.isolation.adopt(known.handle)).toBeDefined();
    expect(await bench.isolation.adopt(unknown.handle)).toBeUndefined();
    expect(await bench.isolation.measureSnapshot(kept.snapshotId)).toBeDefined();
    expect(await bench.isolation.measureSnapshot(lost.snapshotId)).toBeUndefined();
    await expect(bench.isolation.copyDrive(unknownDrive, newId("drive"))).rejects.toThrow();
    await bench.isolation.copyDrive(knownDrive, newId("drive"));
  },

  async "knows no root by a handle that is not its own"(bench) {
    for (const handle of [null, 1, "x", {}, { folder: "../..", sessionId: "x" }]) {
      expect(await bench.isolation.adopt(handle)).toBeUndefined();
    }
  },
};
