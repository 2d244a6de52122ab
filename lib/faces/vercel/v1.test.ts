import { afterEach, describe, expect, test, vi } from "vitest";
import { Sandbox as Sandbox0 } from "vercel-sandbox-0.0.17";
import { Sandbox as Sandbox1, Snapshot as Snapshot1 } from "vercel-sandbox-1.10";
import { CREDENTIALS, scriptedFace } from "../../testing/face-client.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the client 1.10", () => {
  test("makes a sandbox, works in it, finds it again and stops it", async () => {
    const { caller, state } = scriptedFace();
    const sandbox = await Sandbox1.create({
      ...caller,
      ports: [3000],
      timeout: 60_000,
      resources: { vcpus: 4 },
      env: { A: "1" },
      networkPolicy: {
        allow: { "a.example": [{ transform: [{ headers: { key: "secret" } }] }], "b.example": [] },
        subnets: { deny: ["10.0.0.0/8"] },
      },
    });
    const [name] = state.sandboxes.keys();
    expect(sandbox.sandboxId).toBe(name);
    expect(state.sandbox(sandbox.sandboxId)).toMatchObject({ persistent: false, env: { A: "1" } });
    expect(sandbox).toMatchObject({ status: "running", timeout: 60_000, interactivePort: 1 });
    expect(sandbox.networkPolicy).toEqual({
      allow: {
        "a.example": [{ transform: [{ headers: { key: "<redacted>" } }] }],
        "b.example": [],
      },
      subnets: { deny: ["10.0.0.0/8"] },
    });

    const result = await sandbox.runCommand("echo", ["hello"]);
    expect([result.exitCode, await result.stdout()]).toEqual([0, "hello\n"]);
    const detached = await sandbox.runCommand({ cmd: "hold", detached: true });
    await (await sandbox.getCommand(detached.cmdId)).kill("SIGTERM");
    expect((await detached.wait()).exitCode).toBe(143);

    await sandbox.writeFiles([{ path: "a.txt", content: Buffer.from("text") }]);
    expect((await sandbox.readFileToBuffer({ path: "a.txt" }))?.toString()).toBe("text");
    expect(await sandbox.readFile({ path: "none" })).toBeNull();
    await sandbox.mkDir("/tmp/a");
    await sandbox.extendTimeout(5_000);
    expect(sandbox.timeout).toBe(65_000);
    expect(await sandbox.updateNetworkPolicy("deny-all")).toBe("deny-all");

    const same = await Sandbox1.get({ ...caller, sandboxId: sandbox.sandboxId });
    expect(same.domain(3000)).toBe(sandbox.domain(3000));
    await sandbox.stop({ blocking: true });
    expect(sandbox.status).toBe("stopped");
    expect(sandbox.networkTransfer).toEqual({ ingress: 34, egress: 56 });
    // One that has stopped is over: nothing of this dialect wakes it.
    await expect(sandbox.runCommand("echo")).rejects.toMatchObject({ response: { status: 410 } });
    expect((await Sandbox1.get({ ...caller, sandboxId: sandbox.sandboxId })).status).toBe(
      "stopped",
    );
    await expect(Sandbox1.get({ ...caller, sandboxId: "none" })).rejects.toMatchObject({
      response: { status: 404 },
    });
  });

  test("snapshots a sandbox, starts another from it, and deletes the snapshot", async () => {
    const { caller, fetch } = scriptedFace();
    // It asks for one snapshot by no other way.
    vi.stubGlobal("fetch", fetch);
    const sandbox = await Sandbox1.create(caller);
    const snapshot = await sandbox.snapshot({ expiration: 86_400_000 });
    expect(snapshot.sourceSandboxId).toBe(sandbox.sandboxId);
    expect(sandbox.status).toBe("stopped");
    const { snapshotId } = snapshot;
    const copy = await Sandbox1.create({ ...caller, source: { type: "snapshot", snapshotId } });
    expect(copy.sourceSnapshotId).toBe(snapshotId);
    const { json } = await Snapshot1.list({ ...caller });
    expect(json.snapshots.map(({ id }) => id)).toEqual([snapshotId]);
    const found = await Snapshot1.get({ ...caller, snapshotId });
    await found.delete();
    expect(found.status).toBe("deleted");
  });

  test("walks lists by time, and misses nothing that was made in one millisecond", async () => {
    const { caller, state } = scriptedFace();
    for (let index = 0; index < 5; index += 1) {
      // The second and the third are made in the same moment.
      const before = state.time;
      const { sandboxId } = await Sandbox1.create(caller);
      if (index !== 2) continue;
      const made = state.sandbox(sandboxId);
      const twin = [...state.sandboxes.values()][1];
      expect(before).toBeGreaterThan(twin?.createdAt ?? Number.NaN);
      state.sandboxes.set(sandboxId, { ...made, createdAt: twin?.createdAt ?? 0 });
    }
    const ids = [...state.sandboxes.keys()];
    const seen: string[][] = [];
    let until: number | undefined;
    do {
      const { json } = await Sandbox1.list({
        ...caller,
        limit: 3,
        ...(until !== undefined && { until }),
      });
      seen.push(json.sandboxes.map(({ id }) => id).sort());
      until = json.pagination.next ?? undefined;
    } while (until !== undefined);
    expect(seen.flat().sort()).toEqual([...ids].sort());
    expect(seen.map(({ length }) => length)).toEqual([4, 1]);
    const newest = state.sandbox(ids[4] ?? "").createdAt;
    const since = await Sandbox1.list({ ...caller, since: newest - 1 });
    expect(since.json.sandboxes.map(({ id }) => id)).toEqual([ids[4]]);
  });
});

describe("the client 0.0.17", () => {
  test("makes a sandbox, works in it and stops it", async () => {
    const { fetch, state } = scriptedFace();
    // It has no other way in.
    vi.stubGlobal("fetch", fetch);
    const sandbox = await Sandbox0.create({ ...CREDENTIALS, ports: [3000], runtime: "node22" });
    expect(state.sandbox(sandbox.sandboxId)).toMatchObject({
      persistent: false,
      runtime: "node22",
    });
    const result = await sandbox.runCommand({ cmd: "echo", args: ["hello"] });
    expect([result.exitCode, await result.stdout()]).toEqual([0, "hello\n"]);
    const detached = await sandbox.runCommand({ cmd: "hold", detached: true });
    await detached.kill("SIGINT");
    expect((await detached.wait()).exitCode).toBe(130);
    await sandbox.mkDir("/tmp/a");
    await sandbox.writeFiles([{ path: "a.txt", content: Buffer.from("text") }]);
    const stream = await sandbox.readFile({ path: "a.txt" });
    let text = "";
    for await (const chunk of stream ?? []) text += String(chunk);
    expect(text).toBe("text");
    const same = await Sandbox0.get({ ...CREDENTIALS, sandboxId: sandbox.sandboxId });
    expect(same.domain(3000)).toBe(sandbox.domain(3000));
    await sandbox.stop();
    expect((await Sandbox0.get({ ...CREDENTIALS, sandboxId: sandbox.sandboxId })).status).toBe(
      "stopped",
    );
  });

  test("is told only of statuses that it knows", async () => {
    const { fetch, state } = scriptedFace();
    vi.stubGlobal("fetch", fetch);
    const sandbox = await Sandbox0.create(CREDENTIALS);
    const { currentSessionId } = state.sandbox(sandbox.sandboxId);
    const seen = [];
    for (const status of [
      "pending",
      "snapshotting",
      "stopping",
      "aborted",
      "failed",
      "stopped",
    ] as const) {
      state.sessions.set(currentSessionId, { ...state.session(currentSessionId), status });
      seen.push((await Sandbox0.get({ ...CREDENTIALS, sandboxId: sandbox.sandboxId })).status);
    }
    expect(seen).toEqual(["pending", "stopping", "stopping", "failed", "failed", "stopped"]);
  });
});

test("both paths of a kill lead to the command", async () => {
  const { caller, call } = scriptedFace();
  const sandbox = await Sandbox1.create(caller);
  const base = `/v1/sandboxes/${sandbox.sandboxId}`;
  for (const path of ["cmd/", ""]) {
    const command = await sandbox.runCommand({ cmd: "hold", detached: true });
    const { status, json } = await call("POST", `${base}/${path}${command.cmdId}/kill`, {
      signal: 9,
    });
    expect([status, json.command.id, json.command.sandboxId]).toEqual([
      200,
      command.cmdId,
      sandbox.sandboxId,
    ]);
    expect((await command.wait()).exitCode).toBe(137);
  }
});
