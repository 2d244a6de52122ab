import { Sandbox, Snapshot } from "sandlot";
import { describe, expect } from "vitest";
import { deleting, forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

const DAY_MS = 86_400_000;

forEachTransport((connection) => {
  describe("snapshots", () => {
    proves(
      "SNP-001",
      "SNP-002",
      "SNP-003",
      "SNP-007",
      "API-017",
    )("keep the files, stop the session, and are found", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([{ path: "state.txt", content: "captured" }]);
      const session = sandbox.currentSession();
      const before = Date.now();
      const snapshot = await sandbox.snapshot();
      expect(session.status).not.toBe("running");
      expect(snapshot.snapshotId).toMatch(/^snap_\w+$/);
      expect(snapshot.sourceSessionId).toBe(session.sessionId);
      expect(snapshot.status).toBe("created");
      expect(snapshot.regions).toEqual(["iad1"]);
      expect(snapshot.sizeBytes).toBeGreaterThan(0);
      expect(snapshot.createdAt.getTime()).toBeGreaterThanOrEqual(before - 1);
      const own = await sandbox.listSnapshots();
      expect(own.snapshots.map(({ id }) => id)).toEqual([snapshot.snapshotId]);
      expect(own.snapshots[0]?.creationMethod).toBe("manual");
      const all = await Snapshot.list({ name: sandbox.name });
      expect(all.snapshots.map(({ id }) => id)).toEqual([snapshot.snapshotId]);
      const found = await Snapshot.get({ snapshotId: snapshot.snapshotId });
      expect(found.sourceSessionId).toBe(session.sessionId);
      expect(String(await sandbox.readFileToBuffer({ path: "state.txt" }))).toBe("captured");
    });

    proves(
      "SNP-004",
      "SNP-005",
      "SNP-019",
    )("stay in the list when they are deleted", async () => {
      await using sandbox = await connection().create();
      const snapshot = await sandbox.snapshot();
      await snapshot.delete();
      expect(snapshot.status).toBe("deleted");
      const { snapshots } = await sandbox.listSnapshots();
      expect(snapshots.map(({ id, status }) => ({ id, status }))).toEqual([
        { id: snapshot.snapshotId, status: "deleted" },
      ]);
      const unknown = await rejection(Snapshot.get({ snapshotId: "snap_unknown" }));
      expect(unknown).toMatchObject({ response: { status: 404 } });
    });

    proves("SNP-006")("of a stopped sandbox resume it first", async () => {
      await using sandbox = await connection().create({ persistent: false });
      const first = await sandbox.snapshot();
      const second = await sandbox.snapshot();
      expect(second.snapshotId).not.toBe(first.snapshotId);
      expect((await sandbox.listSnapshots()).snapshots).toHaveLength(2);
    });

    proves(
      "SNP-008",
      "SNP-009",
      "SNP-010",
    )("expire as was asked, by whoever asked last", async () => {
      const lifetime = (snapshot: Snapshot) =>
        snapshot.expiresAt && snapshot.expiresAt.getTime() - snapshot.createdAt.getTime();
      await using plain = await connection().create();
      expect(lifetime(await plain.snapshot())).toBe(30 * DAY_MS);
      expect(lifetime(await plain.snapshot({ expiration: 2 * DAY_MS }))).toBe(2 * DAY_MS);
      expect(lifetime(await plain.snapshot({ expiration: 0 }))).toBeUndefined();
      await using own = await connection().create({ snapshotExpiration: 3 * DAY_MS });
      expect(lifetime(await own.snapshot())).toBe(3 * DAY_MS);
      await using forEver = await connection().create({ snapshotExpiration: 0 });
      expect(lifetime(await forEver.snapshot())).toBeUndefined();
    });

    proves("SNP-011")("live on when they are used", async () => {
      await using sandbox = await connection().create();
      const { snapshotId, expiresAt } = await sandbox.snapshot();
      const source = { type: "snapshot" as const, snapshotId };
      await using _heir = await connection().create({ source });
      const used = await Snapshot.get({ snapshotId });
      expect(used.expiresAt?.getTime()).toBeGreaterThan(expiresAt?.getTime() ?? Infinity);
    });

    proves(
      "SNP-012",
      "SNP-013",
      "SNP-022",
    )("are retired by the sandbox's own rule", async () => {
      await using strict = await connection().create({ keepLastSnapshots: { count: 2 } });
      await using mild = await connection().create({
        keepLastSnapshots: { count: 1, deleteEvicted: false },
      });
      for (const sandbox of [strict, mild]) {
        for (let turn = 0; turn < 3; turn++) await sandbox.snapshot();
      }
      const statuses = async (sandbox: Sandbox) =>
        (await sandbox.listSnapshots()).snapshots.map(({ status }) => status);
      expect(await statuses(strict)).toEqual(["created", "created", "deleted"]);
      expect(await statuses(mild)).toEqual(["created", "created", "created"]);
      for (const count of [0, 11]) {
        const refused = await rejection(Sandbox.create({ keepLastSnapshots: { count } }));
        expect(refused).toMatchObject({ response: { status: 400 } });
      }
    });

    proves("SNP-014", "API-018")("are listed in pages, in either order", async () => {
      await using sandbox = await connection().create();
      const ids: string[] = [];
      for (let turn = 0; turn < 5; turn++) ids.push((await sandbox.snapshot()).snapshotId);
      const oldest = await sandbox.listSnapshots({ limit: 2, sortOrder: "asc" });
      expect(oldest.snapshots.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      expect((await oldest.toArray()).map(({ id }) => id)).toEqual(ids);
      const newest = await sandbox.listSnapshots({ limit: 3 });
      expect((await newest.toArray()).map(({ id }) => id)).toEqual(ids.toReversed());
    });

    proves(
      "SNP-015",
      "SNP-016",
      "SNP-017",
      "SNP-018",
    )("have a tree", async () => {
      await using sandbox = await connection().create();
      const line: string[] = [];
      for (let turn = 0; turn < 4; turn++) line.push((await sandbox.snapshot()).snapshotId);
      const [first, second, third, fourth] = line as [string, string, string, string];
      // Another child of the first: the second has a sibling.
      await using fork = deleting(
        await Sandbox.create({ source: { type: "snapshot", snapshotId: first } }),
      );
      const sibling = await fork.snapshot();

      const listed = (await sandbox.listSnapshots({ sortOrder: "asc" })).snapshots;
      expect(listed.map(({ parentId }) => parentId)).toEqual([undefined, first, second, third]);

      const up = await Snapshot.tree({ snapshotId: fourth, sortOrder: "desc", limit: 2 });
      expect(up.anchor?.snapshot.id).toBe(fourth);
      expect(up.snapshots.map(({ snapshot }) => snapshot.id)).toEqual([third, second]);
      expect(up.pagination.next).not.toBeNull();
      const whole = await up.toArray();
      expect(whole.map(({ snapshot }) => snapshot.id)).toEqual([third, second, first]);
      expect(whole[1]?.siblings.map(({ id }) => id)).toEqual([sibling.snapshotId]);
      expect(whole.map(({ count }) => count)).toEqual(["1", "2", "1"]);

      const down = await Snapshot.tree({ snapshotId: second, sortOrder: "asc" });
      expect(down.snapshots.map(({ snapshot }) => snapshot.id)).toEqual([third, fourth]);
      const tooMany = await rejection(Snapshot.tree({ snapshotId: second, limit: 11 }));
      expect(tooMany).toMatchObject({ response: { status: 400 } });
    });

    proves("SNP-021")("go when their time comes", async () => {
      await using sandbox = await connection().create({ persistent: false });
      const snapshot = await sandbox.snapshot({ expiration: 1 });
      const source = { type: "snapshot" as const, snapshotId: snapshot.snapshotId };
      const refused = await rejection(Sandbox.create({ source }));
      expect(refused).toMatchObject({ json: { error: { code: "snapshot_not_found" } } });
    });
  });
});
