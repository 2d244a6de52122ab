import { Sandbox } from "sandlot";
import { describe, expect } from "vitest";
import { deleting, forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

const DAY_MS = 86_400_000;

forEachTransport((connection) => {
  describe("forks", () => {
    proves("SBX-055", "SBX-057")("copy settings and files", async () => {
      await using source = await connection().create({
        resources: { vcpus: 4 },
        timeout: 600_000,
        tags: { kind: "source" },
        env: { FROM: "source" },
        ports: [3_000],
      });
      await source.writeFiles([{ path: "base.txt", content: "base" }]);
      await source.stop();
      await using fork = deleting(await Sandbox.fork({ sourceSandbox: source.name }));
      expect(fork.name).not.toBe(source.name);
      expect(fork.sourceSnapshotId).toBe(source.currentSnapshotId);
      expect(fork.sourceSnapshotId).toMatch(/^snap_/);
      expect({ vcpus: fork.vcpus, timeout: fork.timeout, tags: fork.tags }).toEqual({
        vcpus: 4,
        timeout: 600_000,
        tags: { kind: "source" },
      });
      expect(fork.routes.map(({ port }) => port)).toEqual([3_000]);
      expect(String(await fork.readFileToBuffer({ path: "base.txt" }))).toBe("base");
      const result = await fork.runCommand("printenv", ["FROM"]);
      expect(await result.stdout()).toBe("source\n");
    });

    proves("SBX-056")("take what they are given in place of what is copied", async () => {
      await using source = await connection().create({
        resources: { vcpus: 1 },
        tags: { kind: "source" },
        env: { FROM: "source" },
        snapshotExpiration: 7 * DAY_MS,
        keepLastSnapshots: { count: 3 },
      });
      await source.stop();
      await using fork = deleting(
        await Sandbox.fork({
          sourceSandbox: source.name,
          name: `${source.name}-fork`,
          resources: { vcpus: 2 },
          timeout: 900_000,
          tags: { kind: "fork", extra: "1" },
          env: { OWN: "fork" },
          ports: [4_000],
          snapshotExpiration: 14 * DAY_MS,
          keepLastSnapshots: { count: 5 },
          networkPolicy: "deny-all",
          persistent: false,
        }),
      );
      expect({
        name: fork.name,
        vcpus: fork.vcpus,
        memory: fork.memory,
        timeout: fork.timeout,
        tags: fork.tags,
        snapshotExpiration: fork.snapshotExpiration,
        count: fork.keepLastSnapshots?.count,
        networkPolicy: fork.networkPolicy,
        persistent: fork.persistent,
        ports: fork.routes.map(({ port }) => port),
      }).toEqual({
        name: `${source.name}-fork`,
        vcpus: 2,
        memory: 4_096,
        timeout: 900_000,
        tags: { kind: "fork", extra: "1" },
        snapshotExpiration: 14 * DAY_MS,
        count: 5,
        networkPolicy: "deny-all",
        persistent: false,
        ports: [4_000],
      });
      const result = await fork.runCommand("sh", ["-c", 'echo "$OWN ${FROM:-unset}"']);
      expect(await result.stdout()).toBe("fork unset\n");
    });

    proves("SBX-058")("of an unknown sandbox are a 404", async () => {
      const missing = await rejection(Sandbox.fork({ sourceSandbox: "nobody-is-called-so" }));
      expect(missing).toMatchObject({ response: { status: 404 } });
    });

    proves("SBX-059", "SBX-061")("keep bytes, modes and links, and share nothing", async () => {
      await using source = await connection().create();
      const bytes = Buffer.from([0, 255, 254, 128, 65]);
      await source.writeFiles([
        { path: "data.bin", content: bytes, mode: 0o640 },
        { path: "run.sh", content: "#!/bin/sh\necho ran\n", mode: 0o755 },
      ]);
      await source.fs.symlink("data.bin", "link.bin");
      await source.snapshot();
      await using fork = deleting(await Sandbox.fork({ sourceSandbox: source.name }));
      expect(await fork.fs.readFile("data.bin")).toEqual(bytes);
      expect((await fork.fs.stat("data.bin")).mode & 0o777).toBe(0o640);
      expect(await fork.fs.readlink("link.bin")).toBe("data.bin");
      expect(await (await fork.runCommand("./run.sh")).stdout()).toBe("ran\n");
      await fork.fs.writeFile("data.bin", "changed in the fork");
      await fork.fs.rm("run.sh");
      expect(await source.fs.readFile("data.bin")).toEqual(bytes);
      expect(await source.fs.exists("run.sh")).toBe(true);
      await source.fs.writeFile("data.bin", "changed in the source");
      expect(await fork.fs.readFile("data.bin", "utf8")).toBe("changed in the fork");
    });

    proves("SBX-060")("of a sandbox without a snapshot start afresh", async () => {
      await using source = await connection().create({ tags: { kind: "no snapshot" } });
      await source.writeFiles([{ path: "unsaved.txt", content: "unsaved" }]);
      await using fork = deleting(await Sandbox.fork({ sourceSandbox: source.name }));
      expect(fork.sourceSnapshotId).toBeUndefined();
      expect(fork.tags).toEqual({ kind: "no snapshot" });
      expect(await fork.readFileToBuffer({ path: "unsaved.txt" })).toBeNull();
    });
  });
});
