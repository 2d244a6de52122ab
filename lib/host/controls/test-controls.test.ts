import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { readSettings, type Settings } from "../settings.ts";
import { sharedTransport } from "../shared-transport.ts";
import { testControls, type TestControls } from "./test-controls.ts";

// Over an embedded engine with real processes: the daemon has the same parts behind the same paths.
const cleanup = new Cleanup();
let settings: Settings;
let controls: TestControls;

beforeAll(async () => {
  const directory = await temporaryDirectory();
  cleanup.add(() => directory[Symbol.asyncDispose]());
  settings = settingsFor(join(directory.path, "on"), { SANDLOT_TEST_CONTROLS: "1" });
  cleanup.add(() => sharedTransport(settings).close());
  controls = await testControls(settings);
});

beforeEach(async () => {
  await controls.faults.clear();
  await controls.requests.clear();
});

afterAll(async () => {
  for (const name of names) await call("DELETE", `/v2/sandboxes/${name}`);
  await cleanup[Symbol.asyncDispose]();
});

function settingsFor(home: string, env: Record<string, string> = {}): Settings {
  return readSettings({
    SANDLOT_ENGINE: "embedded",
    SANDLOT_ISOLATION: "process",
    SANDLOT_HOME: home,
    SANDLOT_LOG_LEVEL: "silent",
    ...env,
  });
}

const names: string[] = [];

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  return sharedTransport(settings).fetch(`/vercel${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
}

async function create(options: object = {}): Promise<{ name: string; sessionId: string }> {
  const name = `controlled-${names.length}`;
  names.push(name);
  const response = await call("POST", "/v3/sandboxes", {
    projectId: "p",
    ports: [],
    name,
    ...options,
  });
  const { session } = (await response.json()) as { session: { id: string } };
  return { name, sessionId: session.id };
}

async function statusOf(name: string): Promise<string> {
  const response = await call("GET", `/v2/sandboxes/${name}`);
  const { sandbox } = (await response.json()) as { sandbox: { status: string } };
  return sandbox.status;
}

test("lets a timeout pass by moving the clock, and is back when the sandbox has stopped", async () => {
  const { name } = await create({ timeout: 300_000 });
  await controls.clock.advance("4m");
  expect(await statusOf(name)).toBe("running");
  const before = await controls.clock.now();
  await controls.clock.advance("1m");
  expect(await statusOf(name)).toBe("stopped");
  expect((await controls.clock.now()) - before).toBeGreaterThanOrEqual(60_000);
});

test("lets one sandbox's timeout pass, and no other's", async () => {
  const [one, other] = [await create({ timeout: 300_000 }), await create({ timeout: 300_000 })];
  await controls.clock.expire(one.name);
  expect([await statusOf(one.name), await statusOf(other.name)]).toEqual(["stopped", "running"]);
  await expect(controls.clock.expire("nobody")).rejects.toMatchObject({
    code: "sandbox_not_found",
  });
});

test("answers the n-th matching request with an error of the vendor's shape, and no other", async () => {
  const { name } = await create();
  const fault = await controls.faults.add({
    face: "vercel",
    method: "get",
    path: "/v2/sandboxes/*",
    nth: 2,
    action: { kind: "status", status: 429, message: "too fast", headers: { "Retry-After": "3" } },
  });
  const statuses: number[] = [];
  for (let count = 0; count < 3; count++) {
    const response = await call("GET", `/v2/sandboxes/${name}`);
    statuses.push(response.status);
    const body: unknown = await response.json();
    if (response.status !== 429) continue;
    expect(response.headers.get("retry-after")).toBe("3");
    expect(body).toEqual({ error: { code: "rate_limited", message: "too fast" } });
  }
  await call("GET", `/v2/sandboxes/${name}/more`);
  await call("PATCH", `/v2/sandboxes/${name}`, {});
  expect(statuses).toEqual([200, 429, 200]);
  expect(await controls.faults.list()).toMatchObject([{ id: fault.id, matched: 3, applied: 1 }]);
});

test("breaks an answer off after so many bytes", async () => {
  const { name } = await create();
  await using _fault = await controls.faults.add({
    sandbox: name,
    action: { kind: "cut", afterBytes: 10 },
  });
  const { body } = await call("GET", `/v2/sandboxes/${name}`);
  const pieces: Uint8Array[] = [];
  const read = async () => {
    for await (const piece of body!) pieces.push(piece);
  };
  await expect(read()).rejects.toThrow("break");
  expect(Buffer.concat(pieces)).toHaveLength(10);
});

test("meets a sandbox by its session, too, and leaves others alone", async () => {
  const [met, spared] = [await create(), await create()];
  await using _fault = await controls.faults.add({
    sandbox: met.name,
    action: { kind: "status", status: 503 },
  });
  const statusAt = async (path: string) => (await call("GET", path)).status;
  expect(await statusAt(`/v2/sandboxes/sessions/${met.sessionId}`)).toBe(503);
  expect(await statusAt(`/v2/sandboxes/sessions/${spared.sessionId}`)).toBe(200);
});

test("holds a request back, and lets go when its caller leaves", async () => {
  await using _fault = await controls.faults.add({ action: { kind: "delay", delayMs: 600_000 } });
  const left = new AbortController();
  const asking = sharedTransport(settings).fetch("/vercel/v2/sandboxes", { signal: left.signal });
  setImmediate(() => left.abort(new Error("enough")));
  await expect(asking).rejects.toThrow("enough");
  expect(await controls.requests.list()).toMatchObject([{ path: "/v2/sandboxes", status: 499 }]);
});

test("writes down what was asked, without what may be secret", async () => {
  const { name, sessionId } = await create();
  await controls.requests.clear();
  await call("GET", "/v2/sandboxes?limit=7");
  await call("GET", `/v2/sandboxes/sessions/${sessionId}`);
  const list = await controls.requests.list();
  const own = {
    at: expect.any(Number),
    durationMs: expect.any(Number),
    number: expect.any(Number),
  };
  expect(list).toEqual([
    { ...own, face: "vercel", method: "GET", path: "/v2/sandboxes", status: 200 },
    {
      ...own,
      face: "vercel",
      method: "GET",
      path: `/v2/sandboxes/sessions/${sessionId}`,
      status: 200,
      sandbox: name,
    },
  ]);
});

test("follows requests as they come", async () => {
  const { name } = await create();
  await controls.requests.clear();
  const path = `/v2/sandboxes/${name}`;
  await call("GET", path);
  const seen: string[] = [];
  for await (const request of controls.requests.follow()) {
    seen.push(`${request.method} ${request.path}`);
    if (seen.length === 2) break;
    await call("PATCH", path, {});
  }
  expect(seen).toEqual([`GET ${path}`, `PATCH ${path}`]);
});

test("refuses rules that say nothing, and lengths of time that are none", async () => {
  await expect(
    controls.faults.add({ action: { kind: "status", status: 200 } }),
  ).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("action.status"),
  });
  await expect(controls.faults.clear("fault_x")).rejects.toMatchObject({ code: "not_found" });
  for (const wrong of ["", "5", "m", "5m ", "1x", "-5m"]) {
    await expect(controls.clock.advance(wrong)).rejects.toMatchObject({ code: "invalid_request" });
  }
});

test("are not there unless they were asked for when the engine was opened", async () => {
  await using directory = await temporaryDirectory();
  const off = settingsFor(directory.path);
  await expect(testControls(off)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("SANDLOT_TEST_CONTROLS=1"),
  });
  await sharedTransport(off).close();
  const cloud = { ...off, engine: { kind: "vercel" as const } };
  await expect(testControls(cloud)).rejects.toMatchObject({ code: "unsupported" });
});
