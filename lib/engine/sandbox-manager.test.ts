import { describe, expect, test } from "vitest";
import { LIMITS } from "../contract/limits.ts";
import { capturedRoots } from "../testing/captured-roots.ts";
import { readText, runToEnd, writeText } from "../testing/in-sandbox.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";

const page = { limit: 20, sortOrder: "desc" } as const;

describe("creating", () => {
  test("gives a sandbox that takes commands, with a made-up name", async () => {
    await using fixture = await temporaryEngine();
    const { sandbox, session } = await fixture.engine.sandboxes.create({});
    expect(sandbox.name).toMatch(/^sandbox-[a-z0-9]{10}$/);
    expect(sandbox).toMatchObject({ status: "running", currentSessionId: session.id });
    expect(session).toMatchObject({ status: "running", cwd: "/vercel/sandbox", vcpus: 2 });
    const run = await runToEnd(fixture.engine, session.id, "echo", ["hello"]);
    expect(run).toEqual({ exitCode: 0, stdout: "hello\n", stderr: "" });
  });

  test("gives a name to one sandbox only, however many ask at once", async () => {
    await using fixture = await temporaryEngine();
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, () => fixture.engine.sandboxes.create({ name: "one" })),
    );
    const refused = tries.filter((attempt) => attempt.status === "rejected");
    expect(refused).toHaveLength(19);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "name_taken" });
    expect(fixture.engine.sandboxes.list(page).items.map(({ name }) => name)).toEqual(["one"]);
  });

  test("leaves nothing behind when it fails", async () => {
    await using fixture = await temporaryEngine();
    const source = { type: "git", url: `${fixture.directory}/no-such-repository` } as const;
    await expect(
      fixture.engine.sandboxes.create({ name: "broken", source, ports: [3000] }),
    ).rejects.toMatchObject({ code: "source_failed" });
    await expect(fixture.engine.sandboxes.get("broken")).rejects.toMatchObject({
      code: "sandbox_not_found",
    });
    expect(fixture.parts.store.sessions.all()).toEqual([]);
    expect(fixture.engine.isBusy()).toBe(false);
    // The name is free again.
    await fixture.engine.sandboxes.create({ name: "broken" });
  });

  test("refuses a snapshot that is not there", async () => {
    await using fixture = await temporaryEngine();
    await expect(
      fixture.engine.sandboxes.create({ source: { type: "snapshot", snapshotId: "snap_none" } }),
    ).rejects.toMatchObject({ code: "snapshot_gone" });
  });

  test("refuses a lifetime beyond the limit", async () => {
    await using fixture = await temporaryEngine();
    await expect(
      fixture.engine.sandboxes.create({ timeoutMs: LIMITS.longestTimeoutMs + 1 }),
    ).rejects.toMatchObject({ code: "sandbox_timeout_invalid" });
  });

  test("names each field that is wrong", async () => {
    await using fixture = await temporaryEngine();
    await expect(fixture.engine.sandboxes.create({ name: "../up", vcpus: 3 })).rejects.toThrow(
      /name: .*vcpus: /s,
    );
  });
});

describe("stopping and resuming", () => {
  test("a persistent sandbox finds its files again in a new session", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const first = await engine.sandboxes.create({ name: "keeps" });
    await writeText(engine, first.session.id, "notes/today.txt", "kept");
    const stopped = await engine.sessions.stop(first.session.id);
    expect(stopped.snapshot).toMatchObject({ creationMethod: "automatic", status: "created" });
    expect(stopped.sandbox?.currentSnapshotId).toBe(stopped.snapshot?.id);

    const second = await engine.sandboxes.get("keeps", { resume: true });
    expect(second.resumed).toBe(true);
    expect(second.session.id).not.toBe(first.session.id);
    expect(second.session.sourceSnapshotId).toBe(stopped.snapshot?.id);
    expect(await readText(engine, second.session.id, "notes/today.txt")).toBe("kept");
    expect(engine.sessions.list({ ...page, sandboxName: "keeps" }).items).toHaveLength(2);
  });

  test("one that is not persistent keeps no files", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "forgets", persistent: false });
    await writeText(engine, session.id, "a.txt", "gone");
    const stopped = await engine.sessions.stop(session.id);
    expect(stopped.snapshot).toBeUndefined();
    const again = await engine.sandboxes.get("forgets", { resume: true });
    await expect(readText(engine, again.session.id, "a.txt")).rejects.toMatchObject({
      code: "file_not_found",
    });
  });

  test("stopping is idempotent, also at once", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "twice" });
    const stops = await Promise.all([1, 2, 3].map(() => engine.sessions.stop(session.id)));
    expect(stops.map((stop) => stop.session.status)).toEqual(["stopped", "stopped", "stopped"]);
    expect(engine.snapshots.list({ ...page, sandboxName: "twice" }).items).toHaveLength(1);
  });

  test("getting without resume starts nothing", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "rests" });
    await engine.sessions.stop(session.id);
    const view = await engine.sandboxes.get("rests");
    expect(view).toMatchObject({ resumed: false, session: { id: session.id, status: "stopped" } });
    expect(engine.isBusy()).toBe(false);
  });

  test("many that resume at once get one session", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "once" });
    await engine.sessions.stop(session.id);
    const views = await Promise.all(
      Array.from({ length: 10 }, () => engine.sandboxes.get("once", { resume: true })),
    );
    expect(new Set(views.map((view) => view.session.id)).size).toBe(1);
    expect(views.filter((view) => view.resumed)).toHaveLength(1);
  });

  test("a resume during a stop waits for it and finds its files", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "between" });
    await writeText(engine, session.id, "a.txt", "here");
    const stopping = engine.sessions.stop(session.id);
    const resumed = await engine.sandboxes.get("between", { resume: true });
    await stopping;
    expect(resumed.resumed).toBe(true);
    expect(await readText(engine, resumed.session.id, "a.txt")).toBe("here");
  });

  test("cannot resume from a snapshot that was deleted", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "lost" });
    const { snapshot } = await engine.sessions.stop(session.id);
    await engine.snapshots.delete(snapshot?.id ?? "");
    await expect(engine.sandboxes.get("lost", { resume: true })).rejects.toMatchObject({
      code: "snapshot_gone",
    });
  });

  test("exposed ports keep their host ports", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const first = await engine.sandboxes.create({ name: "ports", ports: [3000, 8080] });
    await engine.sessions.stop(first.session.id);
    const stopped = await fetch(first.routes[0]?.url ?? "");
    expect(stopped.status).toBe(502);
    expect(await stopped.json()).toMatchObject({ error: { code: "SANDBOX_STOPPED" } });
    const second = await engine.sandboxes.get("ports", { resume: true });
    expect(second.routes).toEqual(first.routes);
  });
});

describe("timeouts", () => {
  test("stop the session when its time is over, not before", async () => {
    await using fixture = await temporaryEngine();
    const { engine, clock } = fixture;
    const { session } = await engine.sandboxes.create({ name: "short", timeoutMs: 10_000 });
    await engine.sessions.extendTimeout(session.id, 5_000);
    clock.advance(14_999);
    expect((await engine.sandboxes.get("short")).session.status).toBe("running");
    clock.advance(1);
    // Stopping holds the sandbox's lock: a resume waits until it is done.
    const resumed = await engine.sandboxes.get("short", { resume: true });
    expect(resumed.resumed).toBe(true);
    expect((await engine.sessions.get(session.id)).session).toMatchObject({
      status: "stopped",
      durationMs: 15_000,
    });
  });

  test("cannot be extended beyond the limit, or on a stopped session", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const { session } = await engine.sandboxes.create({ name: "long" });
    await expect(
      engine.sessions.extendTimeout(session.id, LIMITS.longestTimeoutMs),
    ).rejects.toMatchObject({ code: "sandbox_timeout_invalid" });
    await engine.sessions.stop(session.id);
    await expect(engine.sessions.extendTimeout(session.id, 1_000)).rejects.toMatchObject({
      code: "sandbox_stopped",
    });
  });
});

describe("forking", () => {
  test("copies files and settings, and each goes its own way", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const source = await engine.sandboxes.create({
      name: "source",
      env: { A: "1" },
      tags: { team: "red" },
    });
    await writeText(engine, source.session.id, "a.txt", "shared");
    const { snapshot } = await engine.sessions.stop(source.session.id);
    const copy = await engine.sandboxes.fork("source", { name: "copy", tags: { team: "blue" } });
    expect(copy.session.sourceSnapshotId).toBe(snapshot?.id);
    expect(copy.sandbox).toMatchObject({ env: { A: "1" }, tags: { team: "blue" } });
    await writeText(engine, copy.session.id, "a.txt", "changed");
    const back = await engine.sandboxes.get("source", { resume: true });
    expect(await readText(engine, back.session.id, "a.txt")).toBe("shared");
  });

  test("of an unknown sandbox says so", async () => {
    await using fixture = await temporaryEngine();
    await expect(fixture.engine.sandboxes.fork("none", {})).rejects.toMatchObject({
      code: "sandbox_not_found",
    });
  });
});

describe("updating", () => {
  test("changes what is given, clears what is null, keeps the rest", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    await engine.sandboxes.create({
      name: "changes",
      tags: { a: "1" },
      networkId: "net",
      keepLastSnapshots: { count: 2 },
    });
    const { sandbox } = await engine.sandboxes.update("changes", {
      vcpus: 4,
      networkId: null,
      keepLastSnapshots: null,
    });
    expect(sandbox).toMatchObject({ vcpus: 4, memoryMb: 8_192, tags: { a: "1" } });
    expect(sandbox).not.toHaveProperty("networkId");
    expect(sandbox).not.toHaveProperty("keepLastSnapshots");
  });

  test("ports open and close at once", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const before = await engine.sandboxes.create({ name: "doors", ports: [3000] });
    const after = await engine.sandboxes.update("doors", { ports: [3000, 4000] });
    expect(after.routes.map(({ port }) => port)).toEqual([3000, 4000]);
    expect(after.routes[0]).toEqual(before.routes[0]);
    const closed = await engine.sandboxes.update("doors", { ports: [4000] });
    expect(closed.routes).toEqual([after.routes[1]]);
    await expect(fetch(before.routes[0]?.url ?? "")).rejects.toThrow("fetch failed");
  });
});

describe("deleting", () => {
  test("that failed half-way can be asked for again", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const roots = capturedRoots(fixture.parts.isolation);
    await engine.sandboxes.create({ name: "stuck" });
    const root = roots[0]!;
    const { remove } = root;
    root.remove = async () => {
      root.remove = remove;
      throw new Error("not now");
    };
    await expect(engine.sandboxes.delete("stuck")).rejects.toThrow("not now");
    await expect(engine.sandboxes.get("stuck")).rejects.toMatchObject({
      code: "sandbox_not_found",
    });
    await engine.sandboxes.delete("stuck");
    expect(engine.sandboxes.list(page).items).toEqual([]);
    await engine.sandboxes.create({ name: "stuck" });
  });

  test("stops what runs and forgets the sandbox, its sessions and its commands", async () => {
    await using fixture = await temporaryEngine();
    const { engine, parts } = fixture;
    const { session } = await engine.sandboxes.create({ name: "gone" });
    const command = await engine.commands.start(session.id, { cmd: "sleep", args: ["600"] });
    await engine.sandboxes.delete("gone");
    await expect(engine.sandboxes.get("gone")).rejects.toMatchObject({
      code: "sandbox_not_found",
    });
    expect(parts.store.commands.get(command.id)).toBeUndefined();
    expect(parts.store.sessions.all()).toEqual([]);
    await expect(engine.sandboxes.delete("gone")).rejects.toMatchObject({
      code: "sandbox_not_found",
    });
  });

  test("takes its snapshots along only when asked, and never one that another starts from", async () => {
    await using fixture = await temporaryEngine();
    const { engine } = fixture;
    const made = await engine.sandboxes.create({ name: "parent" });
    const first = await engine.sessions.stop(made.session.id);
    const again = await engine.sandboxes.get("parent", { resume: true });
    const second = await engine.sessions.stop(again.session.id);
    await engine.sandboxes.create({
      name: "child",
      source: { type: "snapshot", snapshotId: first.snapshot?.id ?? "" },
    });
    await engine.sandboxes.delete("parent", { deleteOrphanSnapshots: true });
    expect((await engine.snapshots.get(first.snapshot?.id ?? "")).status).toBe("created");
    expect((await engine.snapshots.get(second.snapshot?.id ?? "")).status).toBe("deleted");
  });
});
