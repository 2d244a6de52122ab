import { APIError, Sandbox } from "@vercel/sandbox";
import { expect, test } from "vitest";
import { readSettings } from "../../host/settings.ts";
import { localRuns } from "../../testing/local-runs.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { enginePathOf } from "../vendor-address.ts";
import { TriggerTransport } from "./trigger-transport.ts";

function connected({ keep, idleMs }: { keep?: string; idleMs?: number } = {}) {
  const settings = readSettings({
    SANDLOT_ISOLATION: "process",
    ...(keep !== undefined && { SANDLOT_KEEP: keep }),
  });
  const runs = localRuns(settings, idleMs === undefined ? {} : { idleMs });
  /** One program's way in: two of them know nothing of each other. */
  const program = () => {
    const transport = new TriggerTransport({ open: async () => runs.platform, silenceMs: 100 });
    const fetch = (async (input: string | URL, init?: RequestInit) => {
      const url = new URL(input);
      const response = await transport.fetch(enginePathOf(url) ?? "", init as never);
      return Object.defineProperty(response, "url", { value: url.href, configurable: true });
    }) as typeof globalThis.fetch;
    return { transport, credentials: { token: "t", teamId: "team_x", projectId: "prj_x", fetch } };
  };
  return { ...runs, program };
}

test("drives a sandbox in a run by the vendor's own classes, from two programs", async () => {
  await using runs = connected();
  const { credentials } = runs.program();
  const sandbox = await Sandbox.create({ ...credentials, persistent: false, tags: { who: "me" } });
  const found = await sandbox.runCommand("sh", ["-c", "echo out; echo err >&2; exit 4"]);
  expect([found.exitCode, await found.stdout(), await found.stderr()]).toEqual([
    4,
    "out\n",
    "err\n",
  ]);
  await sandbox.writeFiles([{ path: "deep/a.txt", content: Buffer.alloc(3_000_000, "x") }]);

  const other = runs.program().credentials;
  const listed = await (await Sandbox.list({ ...other, limit: 10 })).toArray();
  expect(listed).toMatchObject([{ name: sandbox.name, status: "running", tags: { who: "me" } }]);
  const same = await Sandbox.get({ ...other, name: sandbox.name });
  expect((await same.readFileToBuffer({ path: "deep/a.txt" }))?.length).toBe(3_000_000);
  await same.delete();
  expect(await (await Sandbox.list({ ...other, limit: 10 })).toArray()).toEqual([]);
  expect(runs.forgotten).toHaveLength(1);
});

test("makes sandboxes by the first version of the API, which does not name them", async () => {
  await using runs = connected();
  const { transport } = runs.program();
  const made = await transport.fetch("/vercel/v1/sandboxes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ timeout: 60_000 }),
  });
  const { sandbox } = (await made.json()) as { sandbox: { id: string; status: string } };
  expect(sandbox).toMatchObject({ status: "running", timeout: 60_000 });
  const stopped = await transport.fetch(`/vercel/v1/sandboxes/${sandbox.id}/stop`, {
    method: "POST",
  });
  expect(await stopped.json()).toMatchObject({ sandbox: { id: sandbox.id } });
});

test("leaves nothing of a sandbox that could not be made", async () => {
  await using runs = connected();
  const { transport, credentials } = runs.program();
  const create = async (body: object): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await transport.fetch("/vercel/v2/sandboxes", init)).status;
  };
  expect(await create({ name: "no name" })).toBe(400);
  expect(runs.runs.size).toBe(0);
  expect(await create({ name: "one", timeout: "long" })).toBe(400);
  expect(await runs.runs.get("run_1")?.end).toBe("deleted");
  expect(runs.forgotten).toHaveLength(1);
  await (await Sandbox.create({ ...credentials, name: "one", persistent: false })).delete();
});

test("takes the answer of a deletion that lasts, though nothing can be sent to its host any more", async () => {
  await using runs = connected();
  const { credentials, transport } = runs.program();
  const sandbox = await Sandbox.create({ ...credentials, name: "one", persistent: false });
  runs.slowDeletions();
  await sandbox.delete();
  expect(runs.forgotten).toHaveLength(1);
  expect((await transport.fetch("/vercel/v2/sandboxes/one")).status).toBe(404);
  await (await Sandbox.create({ ...credentials, name: "one", persistent: false })).delete();
});

test("asks about a session of a sandbox that another program made", async () => {
  await using runs = connected();
  const made = await Sandbox.create({ ...runs.program().credentials, name: "one" });
  const { sessionId } = made.currentSession();
  const { transport } = runs.program();
  const response = await transport.fetch(`/vercel/v2/sandboxes/sessions/${sessionId}`);
  expect(await response.json()).toMatchObject({ session: { id: sessionId, status: "running" } });
  const unknown = await transport.fetch("/vercel/v2/sandboxes/sessions/sbx_unknown");
  expect(unknown.status).toBe(404);
});

test("says of a deleted sandbox's parts that there are none, without a run", async () => {
  await using runs = connected();
  const { credentials, transport } = runs.program();
  const sandbox = await Sandbox.create(credentials);
  const { sessionId } = sandbox.currentSession();
  const { snapshotId } = await sandbox.snapshot();
  await sandbox.delete();
  for (const part of [snapshotId, sessionId].map((id, at) =>
    at === 0 ? `snapshots/${id}` : `sessions/${id}`,
  )) {
    const answer = await transport.fetch(`/vercel/v2/sandboxes/${part}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: "not_found" } });
  }
});

test("starts no run for a sandbox that there is not", async () => {
  await using runs = connected();
  const { credentials } = runs.program();
  const error = await Sandbox.get({ ...credentials, name: "nobody" }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(APIError);
  expect(error.response.status).toBe(404);
  expect(runs.runs.size).toBe(0);
});

test("starts the next run for a sandbox that was kept, and tells of it meanwhile without one", async () => {
  await using keep = await temporaryDirectory();
  await using runs = connected({ keep: keep.path, idleMs: 30 });
  const { credentials, transport } = runs.program();
  const sandbox = await Sandbox.create({ ...credentials, name: "one" });
  await sandbox.runCommand("sh", ["-c", "echo kept > file"]);
  await sandbox.stop();
  expect(await runs.runs.get("run_1")?.end).toBe("idle");
  const status = await transport.fetch("/vercel/v2/sandboxes/one");
  expect(await status.json()).toMatchObject({ sandbox: { status: "stopped" } });
  // The connection to the first run is still there: its host says that it has ended.
  const again = await Sandbox.get({ ...credentials, name: "one" });
  expect(String(await again.readFileToBuffer({ path: "file" }))).toBe("kept\n");
  expect(runs.runs.size).toBe(2);
  await again.delete();
});

test("fails what waits when the run dies, and reports the sandbox as lost from then on", async () => {
  await using runs = connected();
  const { credentials } = runs.program();
  const sandbox = await Sandbox.create({ ...credentials, name: "one" });
  const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
  const lines = command.logs()[Symbol.asyncIterator]();
  const waiting = lines.next().catch((error: unknown) => error);
  await runs.crash("one");
  expect(await waiting).toBeInstanceOf(Error);
  const error = await Sandbox.get({ ...runs.program().credentials, name: "one" }).catch(
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ json: { error: { code: "sandbox_lost" } } });
  const listed = await Sandbox.list({ ...credentials, limit: 10 });
  expect(await listed.toArray()).toMatchObject([{ name: "one", status: "stopped" }]);
  const { transport } = runs.program();
  const gone = await transport.fetch("/vercel/v2/sandboxes/one", { method: "DELETE" });
  expect(gone.status).toBe(200);
  const anew = await Sandbox.create({ ...credentials, name: "one", persistent: false });
  await anew.delete();
});

test("says of what needs one engine for all sandboxes that there is none", async () => {
  await using runs = connected();
  const { transport } = runs.program();
  const codes = ["/v2/sandboxes/drives", "/v2/sandboxes/snapshots", "/v2/other"].map(
    async (path) => {
      const response = await transport.fetch(`/vercel${path}`);
      const { error } = (await response.json()) as { error: { code: string } };
      return [response.status, error.code];
    },
  );
  expect(await Promise.all(codes)).toEqual([
    [400, "unsupported"],
    [400, "unsupported"],
    [404, "not_found"],
  ]);
});
