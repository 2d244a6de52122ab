import * as vendor from "@vercel/sandbox";
import { expect, test, vi } from "vitest";
import { readSettings } from "../host/settings.ts";
import { sharedTransport } from "../host/shared-transport.ts";
import { clientHome } from "../testing/client-home.ts";
import { APIError as DeepApiError } from "./api-error.ts";
import * as ours from "./index.ts";
import { APIError, Command, CommandFinished, Drive, Sandbox, Session, Snapshot } from "./index.ts";

const SERIALIZE = Symbol.for("workflow-serialize");
const DESERIALIZE = Symbol.for("workflow-deserialize");

/** As a workflow keeps an object between two steps. */
function throughStorage<Kept extends object>(ours: unknown, object: Kept): Kept {
  const { [SERIALIZE]: serialize, [DESERIALIZE]: deserialize } = ours as {
    [SERIALIZE]: (object: Kept) => unknown;
    [DESERIALIZE]: (data: unknown) => Kept;
  };
  return deserialize(JSON.parse(JSON.stringify(serialize(object))));
}

test("has every name that the vendor's package has", () => {
  expect(Object.keys(ours).toSorted()).toEqual(Object.keys(vendor).toSorted());
  expect(ours.APIError).toBe(vendor.APIError);
  expect(DeepApiError).toBe(vendor.APIError);
});

test("makes, gets and forks sandboxes of our class, with no credentials or a part of them", async () => {
  await using _home = await clientHome();
  const created = await Sandbox.create({ name: "first", ports: [3000] });
  const got = await Sandbox.get({ name: "first", token: undefined, teamId: "team_x" });
  const forked = await Sandbox.fork({ sourceSandbox: "first" });
  const found = await Sandbox.getOrCreate({ name: "first" });
  for (const sandbox of [created, got, forked, found]) {
    expect(sandbox).toBeInstanceOf(Sandbox);
    expect(sandbox).toBeInstanceOf(vendor.Sandbox);
    expect(sandbox.currentSession()).toBeInstanceOf(Session);
  }
  // What was made here ends with its block; what was there stays.
  expect([created, forked, got, found].map((sandbox) => Symbol.asyncDispose in sandbox)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  await created[Symbol.asyncDispose]();
  expect((await Sandbox.get({ name: "first" })).status).toBe("stopped");
});

test("gives each port a URL that is the same after a resume", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create({ ports: [3000] });
  const url = sandbox.domain(3000);
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect(sandbox.currentSession().domain(3000)).toBe(url);
  expect((await fetch(url)).status).toBe(502);
  expect(() => sandbox.domain(3001)).toThrow("No route for port 3001");
  await sandbox.stop();
  await sandbox.runCommand("true");
  expect(sandbox.domain(3000)).toBe(url);
});

test("gives commands of our classes, finished or not, that tell their sandbox", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create();
  const finished = await sandbox.runCommand("sh", ["-c", "echo out; echo err >&2; exit 4"]);
  expect(finished).toBeInstanceOf(CommandFinished);
  expect(finished).toBeInstanceOf(Command);
  expect(finished).toBeInstanceOf(vendor.CommandFinished);
  expect({ code: finished.exitCode, id: finished.sandboxId, out: await finished.stdout() }).toEqual(
    {
      code: 4,
      id: sandbox.name,
      out: "out\n",
    },
  );
  const running = await sandbox.runCommand({ cmd: "cat", args: ["/dev/null"], detached: true });
  expect(running).toBeInstanceOf(Command);
  expect(running).not.toBeInstanceOf(CommandFinished);
  const waited = await running.wait();
  expect(waited).toBeInstanceOf(CommandFinished);
  expect({ code: waited.exitCode, id: waited.sandboxId }).toEqual({ code: 0, id: sandbox.name });
  const again = await sandbox.getCommand(running.cmdId);
  expect(again).toBeInstanceOf(Command);
  expect(again.sandboxId).toBe(sandbox.name);
  const inSession = await sandbox.currentSession().runCommand("true");
  expect(inSession).toBeInstanceOf(CommandFinished);
  expect({}).not.toBeInstanceOf(Command);
});

test("calls the caller's own functions with sandboxes of our class", async () => {
  await using _home = await clientHome();
  const seen: { sandbox: unknown; isOurs: boolean }[] = [];
  const note = async (sandbox: vendor.Sandbox) =>
    void seen.push({ sandbox, isOurs: sandbox instanceof Sandbox });
  const created = await Sandbox.getOrCreate({ name: "box", onCreate: note });
  expect(Symbol.asyncDispose in created).toBe(true);
  await created.stop();
  const resumed = await Sandbox.get({ name: "box", resume: true, onResume: note });
  expect(seen).toEqual([
    { sandbox: created, isOurs: true },
    { sandbox: resumed, isOurs: true },
  ]);
});

test("works on with objects that came out of a workflow's storage", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create({ ports: [3000] });
  const command = await sandbox.runCommand({ cmd: "echo", args: ["kept"], detached: true });
  const drive = await Drive.getOrCreate({ name: "data" });

  const stored = throughStorage(Sandbox, await Sandbox.get({ name: sandbox.name }));
  expect(stored).toBeInstanceOf(Sandbox);
  expect(stored.domain(3000)).toBe(sandbox.domain(3000));
  expect((await stored.runCommand("true")).exitCode).toBe(0);

  const storedCommand = throughStorage(Command, command);
  expect(storedCommand).toBeInstanceOf(Command);
  expect(await storedCommand.stdout()).toBe("kept\n");
  expect((await storedCommand.wait()).exitCode).toBe(0);

  const storedDrive = throughStorage(Drive, drive);
  expect(storedDrive).toBeInstanceOf(Drive);
  await storedDrive.delete();

  const snapshot = await sandbox.snapshot();
  const storedSnapshot = throughStorage(Snapshot, snapshot);
  expect(storedSnapshot).toBeInstanceOf(Snapshot);
  await storedSnapshot.delete();
  expect((await Snapshot.get({ snapshotId: snapshot.snapshotId })).status).toBe("deleted");
});

test("understands programs for 0.x and 1.x", async () => {
  await using _home = await clientHome();
  const { sandboxId } = await Sandbox.create({ runtime: "node24" });
  const sandbox = await Sandbox.get({ sandboxId });
  expect(sandbox.sandboxId).toBe(sandboxId);
  expect(sandbox.name).toBe(sandboxId);
  const snapshot = await sandbox.snapshot();
  expect(snapshot.sourceSandboxId).toBe(snapshot.sourceSessionId);
  await sandbox.stop({ blocking: true });
  const error: unknown = await Sandbox.get({ sandboxId: "none" }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeepApiError);
  expect(error).toMatchObject({ response: { status: 404 }, sandboxName: "none" });
});

test("gives lists in the new form and in the old one", async () => {
  await using _home = await clientHome();
  for (const name of ["a", "b", "c"]) await Sandbox.create({ name });
  const list = await Sandbox.list({ limit: 2 });
  expect(list.sandboxes.map(({ name }) => name)).toEqual(["c", "b"]);
  expect((await list.toArray()).map(({ name }) => name)).toEqual(["c", "b", "a"]);
  expect(Object.keys(list)).not.toContain("json");
  const { json } = list;
  expect(json.sandboxes.map(({ id }) => id)).toEqual(["c", "b"]);
  expect(json.pagination).toEqual({ count: 2, next: list.sandboxes[1]!.createdAt, prev: null });
  const next = await Sandbox.list({ limit: 2, until: json.pagination.next! });
  expect(next.json.sandboxes.map(({ id }) => id)).toEqual(["a"]);
  expect(next.json.pagination).toEqual({ count: 1, next: null, prev: null });
  const since = await Sandbox.list({ since: new Date(list.sandboxes[1]!.createdAt) });
  expect(since.json.sandboxes.map(({ id }) => id)).toEqual(["c", "b"]);
});

test("says in the error's own fields what it is about", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create({ persistent: false });
  const { sessionId } = sandbox.currentSession();
  const error: unknown = await sandbox
    .runCommand("no-such-program")
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ response: { status: 400 }, sessionId });
});

test("never asks the cloud, whatever a caller passes", async () => {
  await using _home = await clientHome();
  const outside = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("outside"));
  const sandbox = await Sandbox.create({
    token: "secret",
    teamId: "team_mine",
    projectId: "prj_mine",
    fetch: async () => Promise.reject(new Error("the caller's own")),
  });
  expect((await throughStorage(Sandbox, sandbox).runCommand("true")).exitCode).toBe(0);
  expect(outside).not.toHaveBeenCalled();
  outside.mockRestore();
});

test("is the vendor's client and nothing else where the engine is the cloud", async () => {
  vi.stubEnv("SANDLOT_ENGINE", "vercel");
  const asked: { url: string; authorization: string | null }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push({
      url: new Request(input).url,
      authorization: new Headers(init?.headers).get("authorization"),
    });
    return Response.json({ error: { code: "forbidden", message: "no" } }, { status: 403 });
  };
  const credentials = { token: "mine", teamId: "team_mine", projectId: "prj_mine", fetch };
  await expect(Sandbox.get({ name: "x", ...credentials })).rejects.toBeInstanceOf(APIError);
  expect(asked).toEqual([
    {
      url: "https://vercel.com/api/v2/sandboxes/x?teamId=team_mine&projectId=prj_mine",
      authorization: "Bearer mine",
    },
  ]);
  // The vendor's own rule about credentials holds, too.
  await expect(Sandbox.get({ name: "x", token: "mine", fetch })).rejects.toThrow(
    "Missing credentials parameters",
  );
  vi.unstubAllEnvs();
});

test("says at once that there is no engine to be had, and why", async () => {
  const transport = sharedTransport(readSettings({ SANDLOT_ENGINE: "trigger" }));
  const asked = vi.spyOn(transport, "fetch");
  vi.stubEnv("SANDLOT_ENGINE", "trigger");
  // The settings differ by the user's own folder only.
  vi.stubEnv("SANDLOT_HOME", "");
  vi.stubEnv("XDG_STATE_HOME", "");
  vi.stubEnv("TRIGGER_SECRET_KEY", "");
  await expect(Sandbox.create()).rejects.toMatchObject({
    code: "engine_unavailable",
    message: expect.stringContaining("Set TRIGGER_SECRET_KEY to the key of the project"),
  });
  expect(asked).toHaveBeenCalledTimes(1);
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("tells what a session uses while it runs, and what it has used once it has ended", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create();
  const before = await sandbox.usage();
  expect(before.diskBytes).toBeUndefined();
  await sandbox.runCommand("sh", ["-c", "head -c 3000000 /dev/urandom | tee big | sha256sum"]);
  const after = await sandbox.usage({ disk: true });
  expect(after.cpuMs).toBeGreaterThan(before.cpuMs);
  expect(after.diskBytes).toBeGreaterThan(3_000_000);
  const session = sandbox.currentSession();
  await sandbox.stop();
  const ended = await session.usage();
  expect(ended.cpuMs).toBeGreaterThanOrEqual(after.cpuMs);
  expect(ended.cpuMs).toBe(session.activeCpuUsageMs);
  expect(ended.diskBytes).toBeGreaterThan(3_000_000);
});

test("reads what a command has written so far, which goes on", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create();
  const command = await sandbox.runCommand({
    cmd: "sh",
    args: ["-c", "echo one; echo two >&2; mkfifo gate; echo 'at the gate' >gate; echo three"],
    detached: true,
  });
  // It has written both lines when it waits there.
  await sandbox.runCommand("sh", ["-c", "until [ -p gate ]; do :; done"]);
  const soFar = async () => {
    let text = "";
    for await (const { data } of command.outputSoFar()) text += data;
    return text;
  };
  expect(await soFar()).toBe("one\ntwo\n");
  await sandbox.runCommand("cat", ["gate"]);
  await command.wait();
  expect(await soFar()).toBe("one\ntwo\nthree\n");
});

test("says by the vendor's error that there is no such session to have used anything", async () => {
  await using _home = await clientHome();
  const sandbox = await Sandbox.create();
  const session = sandbox.currentSession();
  Reflect.set(session, "session", { ...Reflect.get(session, "session"), id: "sbx_none" });
  const error = await session.usage().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({
    message: expect.stringMatching(/^Status code 404 is not ok: .*sbx_none/),
    response: { status: 404 },
    json: { error: { code: expect.any(String) } },
    sessionId: "sbx_none",
  });
});
