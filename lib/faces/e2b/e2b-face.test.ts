import { Sandbox } from "e2b";
import { describe, expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import type { RequestHead } from "../../engine/face.ts";
import { scriptedE2b } from "../../testing/scripted-e2b.ts";
import { servedFace } from "../../testing/served-face.ts";

const ID = "i0123456789abcdefghi";

function head(url: string, headers: Record<string, string> = {}): RequestHead {
  return { method: "GET", url, headers: new Headers(headers) };
}

test("the vendor's client makes, finds, lists and ends a sandbox", async () => {
  const { face, state } = scriptedE2b();
  await using served = await servedFace(face);
  const options = { apiKey: "e2b_00", apiUrl: served.url, sandboxUrl: served.url };
  const sandbox = await Sandbox.create({ ...options, metadata: { "a b": "c&d=e%" } });
  expect([...state.sandboxes.values()]).toMatchObject([
    {
      id: sandbox.sandboxId,
      user: "user",
      persistent: false,
      onTimeout: "delete",
      timeoutMs: 300_000,
      tags: { "a b": "c&d=e%" },
      kept: { e2b: { templateId: "base", alias: "base", secure: true } },
    },
  ]);
  const query = { metadata: { "a b": "c&d=e%" } };
  const listed = await Sandbox.list({ ...options, query }).nextItems();
  expect(listed.map(({ sandboxId }) => sandboxId)).toEqual([sandbox.sandboxId]);
  expect(await Sandbox.kill(sandbox.sandboxId, options)).toBe(true);
  expect(await Sandbox.kill(sandbox.sandboxId, options)).toBe(false);
});

describe("which sandbox a request is for", () => {
  const { face } = scriptedE2b();

  test.each([
    ["by headers", head("http://h/x", { "e2b-sandbox-id": ID, "e2b-sandbox-port": "80" }), ID],
    ["by its host name", head(`http://49983-${ID}.e2b.localhost:1/health`), ID],
    ["by the path", head(`http://h/sandboxes/${ID}/timeout`), ID],
    ["by the path of version 2", head(`http://h/v2/sandboxes/${ID}/connect`), ID],
    ["by nothing", head("http://h/v2/sandboxes"), undefined],
    ["by a name that is none", head("http://49983-a_b.e2b.localhost/"), undefined],
  ])("is told %s", (_how, request, id) => {
    expect(face.sandboxOf?.(request)).toEqual(id === undefined ? undefined : { id });
  });

  test("the host lets through what proves itself, and nothing else", () => {
    const admitted = (request: RequestHead) => face.admits?.(request);
    expect(admitted(head("http://h/", { "e2b-sandbox-id": ID }))).toBe(true);
    expect(admitted(head(`http://3000-${ID}.e2b.localhost/`))).toBe(true);
    expect(admitted(head("http://h/files?path=/a&signature=v1_x"))).toBe(true);
    expect(admitted(head("http://h/volumecontent/v/file?path=/a"))).toBe(true);
    expect(admitted(head("http://h/uploads/t/h?token=x"))).toBe(true);
    for (const path of [
      "/",
      "/files?path=/a",
      "/v2/sandboxes",
      "/volumes",
      "/secrets",
      "/sandboxes/x",
    ]) {
      expect(admitted(head(`http://h${path}`)), path).toBe(false);
    }
  });
});

test("what the host refuses has the vendor's shape", async () => {
  const { face } = scriptedE2b();
  const answer = face.refuse?.(head("http://h/"), { status: 401, message: "who are you" });
  expect(answer?.status).toBe(401);
  expect(await answer?.json()).toEqual({ code: 401, message: "who are you" });
});

test("a sandbox of another face has what this one needs", async () => {
  const { call, engine } = scriptedE2b();
  const { sandbox } = await engine.sandboxes.create({ name: "their-own", tags: { a: "b" } });
  const { json } = await call("GET", `/sandboxes/${sandbox.id}`);
  expect(json).toMatchObject({
    sandboxID: sandbox.id,
    templateID: "base",
    state: "running",
    metadata: { a: "b" },
    domain: null,
    envdAccessToken: expect.stringMatching(/^[0-9a-f]{64}$/),
    // It can be resumed: to a client of this vendor it is paused at its timeout.
    lifecycle: { onTimeout: "pause", autoResume: false },
  });
  expect(json).not.toHaveProperty("alias");
  await engine.sessions.stop(sandbox.currentSessionId);
  expect((await call("GET", `/sandboxes/${sandbox.id}`)).json.state).toBe("paused");
  expect((await call("POST", `/v2/sandboxes/${sandbox.id}/connect`, {})).status).toBe(201);
});

test("the ports of a sandbox answer as whoever stands before them at the vendor's", async () => {
  const { call, engine } = scriptedE2b();
  const made = (await call("POST", "/v2/sandboxes", { templateID: "base" })).json;
  const at = { "e2b-sandbox-id": made.sandboxID, "e2b-sandbox-port": "8080" };
  const { session } = await engine.sandboxes.byId(made.sandboxID);
  engine.sessions.route = async () => {
    throw new SandboxError("sandbox_stopping", "The sandbox is stopping.");
  };
  expect(await call("GET", "/", undefined, at)).toMatchObject({
    status: 409,
    json: { code: 409, message: "The sandbox is stopping." },
  });
  await engine.sessions.pause(session.id, { memory: true });
  expect(await call("GET", "/", undefined, at)).toMatchObject({
    status: 502,
    json: { code: 502, sandboxId: made.sandboxID, message: expect.stringContaining("paused") },
  });
});

test("a link to a file that no running sandbox signed opens nothing", async () => {
  const { call } = scriptedE2b();
  await call("POST", "/v2/sandboxes", { templateID: "base" });
  const answer = await call("GET", "/files?path=/etc/passwd&signature=v1_AAAA");
  expect(answer).toMatchObject({ status: 401, json: { code: 401 } });
});

test("what was asked of a sandbox is told as its log", async () => {
  const { call, engine, commands } = scriptedE2b();
  const made = (await call("POST", "/v2/sandboxes", { templateID: "base" })).json;
  const { session } = await engine.sandboxes.byId(made.sandboxID);
  const command = await engine.commands.start(session.id, { cmd: "echo", args: ["one two"] });
  await engine.commands.wait(session.id, command.id);
  expect(commands).toBeDefined();
  const { json } = await call("GET", `/v2/sandboxes/${made.sandboxID}/logs`);
  const messages = json.logs.map((entry: { message: string }) => entry.message);
  expect(messages[0]).toBe("echo one two");
  expect(messages.at(-1)).toBe("ended with exit code 0");
  const found = await call("GET", `/v2/sandboxes/${made.sandboxID}/logs?search=ended&limit=1`);
  expect(found.json.logs).toHaveLength(1);
  const old = await call("GET", `/sandboxes/${made.sandboxID}/logs?limit=1`);
  expect(old.json.logs).toEqual([{ timestamp: expect.any(String), line: "echo one two" }]);
});
