import { describe, expect, test } from "vitest";
import type { Engine } from "./engine.ts";
import { readText, writeText } from "../testing/in-sandbox.ts";
import type { ManualClock } from "../testing/manual-clock.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const page = { limit: 20, sortOrder: "desc" } as const;

/** Resumes the sandbox and stops it again, `count` times; gives the snapshots' ids in order. */
async function stopTimes(
  { engine, clock }: { engine: Engine; clock: ManualClock },
  name: string,
  count: number,
): Promise<string[]> {
  const ids: string[] = [];
  for (let round = 0; round < count; round++) {
    clock.advance(1);
    const { session } = await engine.sandboxes.get(name, { resume: true });
    const { snapshot } = await engine.sessions.stop(session.id);
    ids.push(snapshot?.id ?? "");
  }
  return ids;
}

describe("taking", () => {
  test("stops the session and keeps its files under an id to start from", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "source", persistent: false });
    await writeText(engine, session.id, "a.txt", "then");
    const taken = await engine.sessions.snapshot(session.id, { expirationMs: 0 });
    expect(taken.session).toMatchObject({ status: "stopped" });
    expect(taken.snapshot).toMatchObject({ creationMethod: "manual", status: "created" });
    expect(taken.snapshot.sizeBytes).toBeGreaterThan(0);
    expect(taken.snapshot).not.toHaveProperty("expiresAt");
    const copy = await engine.sandboxes.create({
      source: { type: "snapshot", snapshotId: taken.snapshot.id },
    });
    expect(await readText(engine, copy.session.id, "a.txt")).toBe("then");
  });

  test("records the name at once, with all the rest", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "named" });
    const { snapshots } = fixture.parts.store;
    const { put } = snapshots;
    const names: (string | undefined)[] = [];
    snapshots.put = (snapshot) => {
      names.push(snapshot.name);
      put.call(snapshots, snapshot);
    };
    for (const keepRunning of [true, false]) {
      const name = keepRunning ? "while it ran" : "at its end";
      const { snapshot } = await engine.sessions.snapshot(session.id, { name, keepRunning });
      expect(await engine.snapshots.get(snapshot.id)).toEqual(snapshot);
    }
    expect(names).toEqual(["while it ran", "at its end"]);
  });

  test("and deleting it while something starts from it leaves it deleted", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "source" });
    const { snapshot } = await engine.sessions.snapshot(session.id);
    const { isolation } = fixture.parts;
    const { prepare } = isolation;
    isolation.prepare = async (...request) => {
      const root = await prepare.apply(isolation, request);
      await engine.snapshots.delete(snapshot.id);
      return root;
    };
    await engine.sandboxes.create({ source: { type: "snapshot", snapshotId: snapshot.id } });
    expect((await engine.snapshots.get(snapshot.id)).status).toBe("deleted");
  });

  test("of a stopped session is refused, so that the SDK resumes first", async () => {
    await using fixture = await temporaryEngine();
    const { session } = await fixture.engine.sandboxes.create({});
    await fixture.engine.sessions.stop(session.id);
    await expect(fixture.engine.sessions.snapshot(session.id)).rejects.toMatchObject({
      code: "sandbox_stopped",
    });
  });

  test("twice of a sandbox that is not persistent gives two, the second made from the first", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "two", persistent: false });
    const first = await engine.sessions.snapshot(session.id);
    const resumed = await engine.sandboxes.get("two", { resume: true });
    const second = await engine.sessions.snapshot(resumed.session.id);
    expect(second.snapshot.parentId).toBe(first.snapshot.id);
    expect(engine.snapshots.list({ ...page, sandboxName: "two" }).items).toHaveLength(2);
  });
});

describe("expiring", () => {
  test("counts from the last use", async () => {
    await using fixture = await temporaryEngine();
    const { engine, clock } = fixture;
    const { session } = await engine.sandboxes.create({
      name: "fades",
      snapshotExpirationMs: 2 * DAY_MS,
      timeoutMs: DAY_MS,
    });
    const first = await engine.sessions.stop(session.id);
    const firstId = first.snapshot?.id ?? "";
    clock.advance(DAY_MS);
    const used = await engine.sandboxes.get("fades", { resume: true });
    await engine.sessions.stop(used.session.id);
    clock.advance(2 * DAY_MS - 1);
    expect((await engine.snapshots.get(firstId)).status).toBe("created");
    clock.advance(1);
    await expect.poll(async () => (await engine.snapshots.get(firstId)).status).toBe("deleted");
  });

  test("makes what needs the snapshot answer that it is gone", async () => {
    await using fixture = await temporaryEngine();
    const { engine, clock } = fixture;
    const { session } = await engine.sandboxes.create({
      name: "late",
      snapshotExpirationMs: DAY_MS,
    });
    await engine.sessions.stop(session.id);
    clock.advance(DAY_MS);
    await expect(engine.sandboxes.get("late", { resume: true })).rejects.toMatchObject({
      code: "snapshot_gone",
    });
    await expect(engine.sandboxes.fork("late", {})).rejects.toMatchObject({
      code: "snapshot_gone",
    });
  });
});

describe("keeping the last ones", () => {
  test("deletes what is evicted", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({
      name: "few",
      keepLastSnapshots: { count: 2, deleteEvicted: true },
    });
    const first = await engine.sessions.stop(session.id);
    await stopTimes(fixture, "few", 3);
    const statuses = engine.snapshots
      .list({ ...page, sandboxName: "few" })
      .items.map(({ status }) => status);
    expect(statuses).toEqual(["created", "created", "deleted", "deleted"]);
    expect((await engine.snapshots.get(first.snapshot?.id ?? "")).status).toBe("deleted");
  });

  test("or gives it the usual lifetime", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({
      name: "some",
      snapshotExpirationMs: DAY_MS,
      keepLastSnapshots: { count: 1, expirationMs: 0, deleteEvicted: false },
    });
    const first = await engine.sessions.stop(session.id);
    expect(first.snapshot).not.toHaveProperty("expiresAt");
    await stopTimes(fixture, "some", 1);
    const evicted = await engine.snapshots.get(first.snapshot?.id ?? "");
    expect(evicted).toMatchObject({ status: "created", expirationMs: DAY_MS });
  });
});

describe("the tree", () => {
  test("walks to ancestors and to descendants in pages, with siblings", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "line" });
    const root = (await engine.sessions.stop(session.id)).snapshot?.id ?? "";
    await engine.sandboxes.fork("line", { name: "branch" });
    const [side = ""] = await stopTimes(fixture, "branch", 1);
    const line = await stopTimes(fixture, "line", 4);
    const tip = line.at(-1) ?? "";

    const up = await engine.snapshots.tree({ anchorId: tip, limit: 2, sortOrder: "desc" });
    expect(up.anchor.snapshot.id).toBe(tip);
    expect(up.nodes.map((node) => node.snapshot.id)).toEqual([line[2], line[1]]);
    expect(up.next).toBe(line[1]);
    const rest = await engine.snapshots.tree({
      anchorId: up.next ?? "",
      limit: 10,
      sortOrder: "desc",
    });
    expect(rest.nodes.map((node) => node.snapshot.id)).toEqual([line[0], root]);
    expect(rest.next).toBeUndefined();
    expect(rest.nodes[0]?.siblings.map(({ id }) => id)).toEqual([side]);

    const down = await engine.snapshots.tree({ anchorId: root, limit: 10, sortOrder: "asc" });
    expect(down.nodes.map((node) => node.snapshot.id)).toEqual(line);
  });

  test("of an unknown snapshot says so", async () => {
    await using fixture = await temporaryEngine();
    await expect(
      fixture.engine.snapshots.tree({ anchorId: "snap_none", limit: 1, sortOrder: "asc" }),
    ).rejects.toMatchObject({ code: "snapshot_not_found" });
  });
});
