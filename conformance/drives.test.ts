import { randomUUID } from "node:crypto";
import { Drive, Sandbox } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

function newName(): string {
  return `drive-${randomUUID().slice(0, 8)}`;
}

/** A drive that is deleted when it is disposed of. */
async function temporaryDrive(name = newName()): Promise<Drive & AsyncDisposable> {
  const drive = await Drive.getOrCreate({ name });
  return Object.assign(drive, { [Symbol.asyncDispose]: () => drive.delete() });
}

forEachTransport((connection) => {
  describe("drives", () => {
    proves("DRV-001", "DRV-003")("are made once, and tell what they are", async () => {
      await using drive = await temporaryDrive();
      const again = await Drive.getOrCreate({ name: drive.name });
      expect(again.driveId).toBe(drive.driveId);
      expect(drive.driveId).toMatch(/^drive_\w+$/);
      expect(drive.region).toBe("iad1");
      expect(drive.maxSize).toBeGreaterThan(0);
      expect(Math.abs(drive.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
      expect(drive.currentSandboxName).toBeUndefined();
    });

    proves("DRV-002", "DRV-011")("are made with 201, found with 200, and forked", async () => {
      const name = newName();
      const path = `/v2/sandboxes/drives/${name}`;
      const body = { projectId: "prj_any", maxSizeBytes: 2 ** 30 };
      expect((await connection().post(path, body)).status).toBe(201);
      expect((await connection().post(path, body)).status).toBe(200);
      const { drive } = (await (await connection().call(path)).json()) as { drive: { id: string } };
      const byId = await connection().call(`/v2/sandboxes/drives/${drive.id}`);
      expect(await byId.json()).toMatchObject({ drive: { name, maxSizeBytes: 2 ** 30 } });

      await using writer = await connection().create({
        mounts: { "/data": { drive: name, mode: "read-write" } },
      });
      await writer.writeFiles([{ path: "/data/file.txt", content: "original" }]);
      const forked = await connection().post(`${path}/fork`, { name: `${name}-fork` });
      expect(forked.status).toBe(201);
      await using reader = await connection().create({
        mounts: { "/data": { drive: `${name}-fork`, mode: "read-write" } },
      });
      expect(String(await reader.readFileToBuffer({ path: "/data/file.txt" }))).toBe("original");
    });

    proves(
      "DRV-004",
      "DRV-008",
      "DRV-015",
    )("outlive the sandboxes that write to them", async () => {
      await using drive = await temporaryDrive();
      {
        await using first = await connection().create({ mounts: { "/mnt/data": drive } });
        expect(first.mounts).toEqual({ "/mnt/data": { drive: drive.name, mode: "read-write" } });
        await first.writeFiles([{ path: "/mnt/data/deep/note.txt", content: "first" }]);
        const attached = await Drive.getOrCreate({ name: drive.name });
        expect(attached.currentSandboxName).toBe(first.name);
        expect(attached.currentSessionId).toBe(first.currentSession().sessionId);
      }
      await using second = await connection().create({ mounts: { "/mnt/data": drive } });
      const result = await second.runCommand({
        cmd: "cat",
        args: ["deep/note.txt"],
        cwd: "/mnt/data",
      });
      expect(await result.stdout()).toBe("first");
    });

    proves("DRV-005", "DRV-007")("have one writer, and are not deleted under it", async () => {
      await using drive = await temporaryDrive();
      {
        await using _writer = await connection().create({ mounts: { "/data": drive } });
        const second = await rejection(Sandbox.create({ mounts: { "/data": drive } }));
        expect(second).toMatchObject({ response: { status: 409 } });
        expect(await rejection(drive.delete())).toMatchObject({ response: { status: 409 } });
      }
      await using next = await connection().create({ mounts: { "/data": drive } });
      expect(next.status).toBe("running");
      await next.stop();
    });

    proves("DRV-006")("may be mounted as they are at a moment", async () => {
      await using drive = await temporaryDrive();
      await using writer = await connection().create({ mounts: { "/data": drive } });
      await writer.writeFiles([{ path: "/data/file.txt", content: "before" }]);
      await using reader = await connection().create({ mounts: { "/data": drive.snapshot() } });
      await writer.writeFiles([{ path: "/data/file.txt", content: "after" }]);
      expect(String(await reader.readFileToBuffer({ path: "/data/file.txt" }))).toBe("before");
    });

    proves(
      "DRV-009",
      "DRV-010",
      "API-018",
    )("are listed, and gone when deleted", async () => {
      const prefix = `${newName()}-`;
      for (const letter of ["a", "b", "c"]) await Drive.getOrCreate({ name: `${prefix}${letter}` });
      const query = { namePrefix: prefix, sortBy: "name", sortOrder: "asc", limit: 2 } as const;
      const listed = await Drive.list(query);
      expect(listed.drives.map(({ name }) => name)).toEqual([`${prefix}a`, `${prefix}b`]);
      const all = await listed.toArray();
      expect(all.map(({ name }) => name)).toEqual([`${prefix}a`, `${prefix}b`, `${prefix}c`]);
      for (const drive of all) await drive.delete();
      expect((await Drive.list(query)).drives).toEqual([]);
    });

    proves(
      "DRV-012",
      "DRV-013",
      "DRV-014",
    )("are mounted by rules", async () => {
      const name = `mounting-${connection().transport}`;
      const mount = { drive: newName(), mode: "read-write" as const };
      await Drive.getOrCreate({ name: mount.drive });
      const five = Object.fromEntries(["a", "b", "c", "d", "e"].map((each) => [`/${each}`, mount]));
      for (const [mounts, status] of [
        [five, 400],
        [{ relative: mount }, 400],
        [{ "/data": mount, "/data/below": { ...mount, mode: "snapshot" as const } }, 400],
        [{ "/data": { drive: "nobody-made-this", mode: "read-write" as const } }, 404],
      ] as const) {
        const refused = await rejection(Sandbox.create({ name, mounts }));
        expect(refused.response?.status, JSON.stringify(mounts)).toBe(status);
        expect(await rejection(Sandbox.get({ name }))).toMatchObject({ response: { status: 404 } });
      }
      await (await Drive.getOrCreate({ name: mount.drive })).delete();
    });
  });
});
