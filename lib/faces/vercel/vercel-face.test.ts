import { Drive, Sandbox, Snapshot } from "@vercel/sandbox";
import { describe, expect, test } from "vitest";
import { scriptedFace } from "../../testing/face-client.ts";

// The referee is the vendor's own SDK: it refuses an answer that is not as its service would give it.

describe("sandboxes", () => {
  test("are made, got, changed, listed and deleted by the vendor's SDK", async () => {
    const { caller, state } = scriptedFace();
    const sandbox = await Sandbox.create({
      ...caller,
      name: "box",
      ports: [3000, 8080],
      timeout: 60_000,
      resources: { vcpus: 4 },
      env: { A: "1" },
      tags: { team: "red" },
      image: "vercel/sandbox/node:24",
      snapshotExpiration: 86_400_000,
      keepLastSnapshots: { count: 3, expiration: 0 },
      failoverRegions: ["sfo1"],
      networkId: "net_1",
    });
    expect(sandbox).toMatchObject({
      name: "box",
      persistent: true,
      region: "iad1",
      failoverRegions: ["sfo1"],
      networkId: "net_1",
      vcpus: 4,
      memory: 8192,
      timeout: 60_000,
      status: "running",
      cwd: "/vercel/sandbox",
      // As it was given: nothing is resolved to a digest here.
      image: "vercel/sandbox/node:24",
      tags: { team: "red" },
      networkPolicy: "allow-all",
      snapshotExpiration: 86_400_000,
      keepLastSnapshots: { count: 3, expiration: 0, deleteEvicted: true },
      interactivePort: 1,
    });
    expect(sandbox.routes.map(({ port, url }) => ({ port, url }))).toEqual([
      { port: 3000, url: "http://localhost:13000" },
      { port: 8080, url: "http://localhost:18080" },
    ]);
    expect(sandbox.routes.every(({ subdomain }) => /^sb-[0-9a-f]{12}$/.test(subdomain))).toBe(true);
    expect(state.sandbox("box").env).toEqual({ A: "1" });

    await sandbox.update({
      resources: { vcpus: 2 },
      tags: { team: "blue" },
      ports: [4000],
      networkId: null,
      keepLastSnapshots: null,
      timeout: 120_000,
    });
    expect(sandbox.routes.map(({ port }) => port)).toEqual([4000]);
    expect(sandbox.currentSession().timeout).toBe(120_000);
    expect(sandbox.tags).toEqual({ team: "blue" });
    expect(state.sandbox("box")).toMatchObject({ vcpus: 2, memoryMb: 4096 });
    expect(state.sandbox("box").keepLastSnapshots).toBeUndefined();
    expect(state.sandbox("box").networkId).toBeUndefined();

    const same = await Sandbox.get({ ...caller, name: "box" });
    expect(same.currentSession().sessionId).toBe(sandbox.currentSession().sessionId);
    await sandbox.delete();
    await expect(Sandbox.get({ ...caller, name: "box" })).rejects.toMatchObject({
      response: { status: 404 },
      json: { error: { code: "not_found" } },
    });
  });

  test("are listed by pages, by name and by tag", async () => {
    const { caller, call } = scriptedFace();
    for (const name of ["a-1", "a-2", "b-1"]) {
      await Sandbox.create({ ...caller, name, tags: { first: name.slice(0, 1), at: "x:y" } });
    }
    const names = async (params: Parameters<typeof Sandbox.list>[0]) => {
      const items = await (await Sandbox.list({ ...caller, ...params })).toArray();
      return items.map(({ name }) => name);
    };
    expect(await names({ limit: 2 })).toEqual(["b-1", "a-2", "a-1"]);
    expect(await names({ sortBy: "name", sortOrder: "asc", namePrefix: "a-", limit: 1 })).toEqual([
      "a-1",
      "a-2",
    ]);
    expect(await names({ tags: { first: "b" } })).toEqual(["b-1"]);
    expect(await names({ tags: { at: "x:y" } })).toEqual(["b-1", "a-2", "a-1"]);
    const { json } = await call("GET", "/v2/sandboxes?status=stopped");
    expect(json).toEqual({ sandboxes: [], pagination: { count: 0, next: null } });
  });

  test("tell what they used, and when they end, only when that is known", async () => {
    const { caller, call } = scriptedFace();
    const sandbox = await Sandbox.create({ ...caller, name: "box", timeout: 60_000 });
    const started = (await call("GET", "/v2/sandboxes/box")).json;
    expect(started.sandbox.expiresAt).toBe(started.session.startedAt + 60_000);
    expect(started.sandbox).not.toHaveProperty("totalDurationMs");
    expect(started.session).not.toHaveProperty("activeCpuDurationMs");
    expect((await call("GET", "/v2/sandboxes")).json.sandboxes[0].expiresAt).toBe(
      started.sandbox.expiresAt,
    );
    await sandbox.stop();
    const stopped = (await call("GET", "/v2/sandboxes/box")).json;
    expect(stopped.sandbox).not.toHaveProperty("expiresAt");
    expect(stopped.sandbox).toMatchObject({ status: "stopped", totalActiveCpuDurationMs: 12 });
    expect(stopped.session).toMatchObject({
      activeCpuDurationMs: 12,
      networkTransfer: { ingress: 34, egress: 56 },
    });
  });

  test("say stopping on the wire while they make a snapshot, and their session says more", async () => {
    const { caller, call, state } = scriptedFace();
    await Sandbox.create({ ...caller, name: "box" });
    state.sandboxes.set("box", { ...state.sandbox("box"), status: "snapshotting" });
    const { json } = await call("GET", "/v2/sandboxes?status=running");
    expect(json.sandboxes).toEqual([]);
    expect((await call("GET", "/v2/sandboxes/box")).json.sandbox.status).toBe("stopping");
  });

  test("are forked with what the caller replaces", async () => {
    const { caller } = scriptedFace();
    await Sandbox.create({ ...caller, name: "one", env: { A: "1" }, tags: { t: "1" } });
    const fork = await Sandbox.fork({
      ...caller,
      sourceSandbox: "one",
      name: "two",
      tags: { t: "2" },
    });
    expect(fork).toMatchObject({ name: "two", tags: { t: "2" }, status: "running" });
    await expect(
      Sandbox.fork({ ...caller, sourceSandbox: "nobody", name: "three" }),
    ).rejects.toMatchObject({ response: { status: 404 } });
  });

  test("have a runtime when older clients make them, and their sessions always", async () => {
    const { call } = scriptedFace();
    const made = async (path: string, body: object) => {
      const { json } = await call("POST", path, body);
      return [json.sandbox.runtime, json.session?.runtime];
    };
    expect(await made("/v2/sandboxes", {})).toEqual(["node24", "node24"]);
    expect(await made("/v2/sandboxes", { runtime: "python3.13" })).toEqual([
      "python3.13",
      "python3.13",
    ]);
    expect(await made("/v2/sandboxes", { image: "ubuntu" })).toEqual([undefined, "node24"]);
    expect(await made("/v3/sandboxes", {})).toEqual([undefined, "node24"]);
    expect(await made("/v1/sandboxes", {})).toEqual(["node24", undefined]);
  });

  test("keep the names that are parts of the API's paths out of use", async () => {
    const { call } = scriptedFace();
    for (const name of ["sessions", "snapshots", "drives"]) {
      expect(await call("POST", "/v3/sandboxes", { name })).toMatchObject({
        status: 400,
        json: { error: { message: expect.stringContaining("`name`") } },
      });
    }
  });
});

describe("sessions", () => {
  test("are resumed by the SDK when a command finds them stopped, and then once", async () => {
    const { caller } = scriptedFace();
    let resumed = 0;
    await Sandbox.create({ ...caller, name: "box" });
    const sandbox = await Sandbox.get({
      ...caller,
      name: "box",
      onResume: async () => void (resumed += 1),
    });
    const stopped = await sandbox.stop();
    expect(stopped.snapshot?.creationMethod).toBe("automatic");
    const result = await sandbox.runCommand("echo", ["hello"]);
    expect(await result.stdout()).toBe("hello\n");
    expect(resumed).toBe(1);
    expect(sandbox.currentSession().sourceSnapshotId).toBe(stopped.snapshot?.id);
    const { sessions } = await sandbox.listSessions({ limit: 1 });
    expect(sessions).toHaveLength(1);
    expect(await (await sandbox.listSessions()).toArray()).toHaveLength(2);
  });

  test("are extended by what the caller adds, up to the limit", async () => {
    const { caller } = scriptedFace();
    const sandbox = await Sandbox.create({ ...caller, timeout: 60_000 });
    await sandbox.extendTimeout(5_000);
    expect(sandbox.currentSession().timeout).toBe(65_000);
    await expect(sandbox.extendTimeout(5 * 86_400_000)).rejects.toMatchObject({
      response: { status: 400 },
      json: { error: { code: "sandbox_timeout_invalid" } },
    });
  });

  test("make way for a new sandbox when their snapshot is gone", async () => {
    const { caller, state } = scriptedFace();
    const first = await Sandbox.create({ ...caller, name: "box" });
    const { snapshot } = await first.stop();
    expect(snapshot).toBeDefined();
    await (await Snapshot.get({ ...caller, snapshotId: snapshot?.id ?? "" })).delete();
    let created = 0;
    const second = await Sandbox.getOrCreate({
      ...caller,
      name: "box",
      resume: true,
      onCreate: async () => void (created += 1),
    });
    expect(created).toBe(1);
    expect(state.sandbox("box").currentSessionId).toBe(second.currentSession().sessionId);
  });

  test("open a terminal while they run, and say that they stopped afterwards", async () => {
    const { caller, call } = scriptedFace();
    const sandbox = await Sandbox.create(caller);
    const { sessionId } = sandbox.currentSession();
    expect(await sandbox.openInteractive()).toEqual({
      url: `ws://127.0.0.1:1/terminal/${sessionId}`,
      token: "secret",
    });
    await sandbox.stop();
    expect(await call("POST", `/v2/sandboxes/sessions/${sessionId}/interactive`, {})).toMatchObject(
      {
        status: 410,
        json: { error: { code: "sandbox_stopped" } },
      },
    );
  });

  test("are served alone, for older clients that look at one while it stops", async () => {
    const { caller, call } = scriptedFace();
    const sandbox = await Sandbox.create({ ...caller, ports: [3000] });
    const { sessionId } = sandbox.currentSession();
    const { status, json } = await call("GET", `/v2/sandboxes/sessions/${sessionId}`);
    expect(status).toBe(200);
    expect(json.session.id).toBe(sessionId);
    expect(json.routes).toEqual(sandbox.routes);
  });
});

describe("files", () => {
  test("are written and read as bytes, and a missing one is null", async () => {
    const { caller } = scriptedFace();
    const sandbox = await Sandbox.create(caller);
    const bytes = Buffer.from([0, 255, 254, 128, 65]);
    await sandbox.writeFiles([
      { path: "a/b.bin", content: bytes },
      { path: "/tmp/c.txt", content: "ü" },
      { path: "empty", content: "" },
    ]);
    expect(await sandbox.readFileToBuffer({ path: "a/b.bin" })).toEqual(bytes);
    expect(await sandbox.readFileToBuffer({ path: "c.txt", cwd: "/tmp" })).toEqual(
      Buffer.from("ü"),
    );
    expect(await sandbox.readFileToBuffer({ path: "empty" })).toEqual(Buffer.alloc(0));
    expect(await sandbox.readFile({ path: "none" })).toBeNull();
    expect(await sandbox.fs.readFile("/tmp/c.txt", "utf8")).toBe("ü");
    await expect(sandbox.fs.readFile("/tmp/none")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("go into directories that must have a parent, unless the caller says otherwise", async () => {
    const { caller, call } = scriptedFace();
    const sandbox = await Sandbox.create(caller);
    await sandbox.mkDir("/tmp/one");
    await expect(sandbox.mkDir("/tmp/no/such/parent")).rejects.toMatchObject({
      response: { status: 400 },
    });
    const path = `/v2/sandboxes/sessions/${sandbox.currentSession().sessionId}/fs/mkdir`;
    expect(await call("POST", path, { path: "/tmp/a/b/c", recursive: true })).toMatchObject({
      status: 200,
      json: {},
    });
  });
});

describe("snapshots and drives", () => {
  test("snapshots are made, found, walked and deleted", async () => {
    const { caller } = scriptedFace();
    const sandbox = await Sandbox.create({ ...caller, name: "box", persistent: false });
    const first = await sandbox.snapshot({ expiration: 86_400_000 });
    expect(first).toMatchObject({ status: "created", sizeBytes: 1024, regions: ["iad1"] });
    const copy = await Sandbox.create({
      ...caller,
      source: { type: "snapshot", snapshotId: first.snapshotId },
    });
    const second = await copy.snapshot();
    const tree = await Snapshot.tree({
      ...caller,
      snapshotId: second.snapshotId,
      sortOrder: "desc",
    });
    expect(tree.snapshots.map(({ snapshot, count }) => [snapshot.id, count])).toEqual([
      [first.snapshotId, "1"],
    ]);
    expect((await Snapshot.list({ ...caller, name: "box" })).snapshots.map(({ id }) => id)).toEqual(
      [first.snapshotId],
    );
    const found = await Snapshot.get({ ...caller, snapshotId: first.snapshotId });
    await found.delete();
    expect(found.status).toBe("deleted");
    await expect(Snapshot.get({ ...caller, snapshotId: "snap_none" })).rejects.toMatchObject({
      response: { status: 404 },
    });
    await expect(
      Sandbox.create({ ...caller, source: { type: "snapshot", snapshotId: first.snapshotId } }),
    ).rejects.toMatchObject({
      response: { status: 410 },
      json: { error: { code: "snapshot_not_found" } },
    });
  });

  test("the third version's snapshots last seven days unless the sandbox says otherwise", async () => {
    const { caller, call, state } = scriptedFace();
    const lives = async (name: string, version: string) => {
      const { sessionId } = (await Sandbox.get({ ...caller, name })).currentSession();
      const { json } = await call("POST", `/${version}/sandboxes/sessions/${sessionId}/snapshot`);
      return state.snapshots.get(json.snapshot.id)?.expirationMs;
    };
    for (const name of ["a", "b"]) await Sandbox.create({ ...caller, name });
    await Sandbox.create({ ...caller, name: "c", snapshotExpiration: 86_400_000 });
    expect(await lives("a", "v2")).toBeUndefined();
    expect(await lives("b", "v3")).toBe(604_800_000);
    expect(await lives("c", "v3")).toBeUndefined();
  });

  test("drives are made once, mounted, listed, copied and deleted", async () => {
    const { caller, call } = scriptedFace();
    const drive = await Drive.getOrCreate({ ...caller, name: "data", maxSize: 1_000_000 });
    expect(drive).toMatchObject({
      name: "data",
      projectId: "prj_test",
      region: "iad1",
      maxSize: 1_000_000,
    });
    const again = await Drive.getOrCreate({ ...caller, name: "data" });
    expect(again.driveId).toBe(drive.driveId);
    expect((await call("POST", "/v2/sandboxes/drives/other", { projectId: "prj_x" })).status).toBe(
      201,
    );
    expect((await call("POST", "/v2/sandboxes/drives/other", {})).status).toBe(200);
    const sandbox = await Sandbox.create({
      ...caller,
      mounts: { "/data": drive, "/old": drive.snapshot() },
    });
    expect(sandbox.mounts).toEqual({
      "/data": { drive: "data", mode: "read-write" },
      "/old": { drive: "data", mode: "snapshot" },
    });
    const forked = await call("POST", "/v2/sandboxes/drives/data/fork?projectId=prj_q", {
      name: "copy",
    });
    expect(forked).toMatchObject({
      status: 201,
      json: { drive: { name: "copy", maxSizeBytes: 1_000_000, projectId: "prj_q" } },
    });
    const byId = await call("GET", `/v2/sandboxes/drives/${drive.driveId}`);
    expect(byId.json.drive.name).toBe("data");
    const { drives } = await Drive.list({
      ...caller,
      sortBy: "name",
      sortOrder: "asc",
      namePrefix: "co",
    });
    expect(drives.map(({ name }) => name)).toEqual(["copy"]);
    await drive.delete();
    expect((await call("GET", "/v2/sandboxes/drives/data")).status).toBe(404);
  });
});
