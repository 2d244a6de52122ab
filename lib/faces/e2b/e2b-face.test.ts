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
      persistent: true,
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

test("connecting and refreshing never shorten a life, setting a timeout does", async () => {
  const { call } = scriptedE2b();
  const id = (await call("POST", "/v2/sandboxes", { templateID: "base", timeout: 600 })).json
    .sandboxID;
  const endAt = async () => (await call("GET", `/sandboxes/${id}`)).json.endAt as string;
  const before = await endAt();
  expect((await call("POST", `/v2/sandboxes/${id}/connect`, { timeout: 5 })).status).toBe(200);
  expect((await call("POST", `/sandboxes/${id}/refreshes`, { duration: 5 })).status).toBe(204);
  expect(await endAt()).toBe(before);
  expect((await call("POST", `/sandboxes/${id}/timeout`, { timeout: 5 })).status).toBe(204);
  expect((await endAt()) < before).toBe(true);
  expect((await call("POST", `/sandboxes/${id}/refreshes`, { duration: 900 })).status).toBe(204);
  expect((await endAt()) > before).toBe(true);
});

test("pages of a list hold what was asked for, each once, whatever is between", async () => {
  const { call, engine } = scriptedE2b();
  const wanted: string[] = [];
  for (let index = 0; index < 7; index++) {
    if (index % 3 === 0) await engine.sandboxes.create({ name: `other-${index}` });
    const made = (await call("POST", "/v2/sandboxes", { templateID: "code-interpreter-v1" })).json;
    wanted.unshift(made.sandboxID);
  }
  const pages: string[][] = [];
  let token = "";
  do {
    const query = `limit=3&template=code-interpreter-v1&nextToken=${encodeURIComponent(token)}`;
    const page = await call("GET", `/v2/sandboxes?${query}`);
    pages.push(page.json.map((each: { sandboxID: string }) => each.sandboxID));
    token = page.headers.get("x-next-token") ?? "";
  } while (token !== "");
  expect(pages.filter((page) => page.length > 0)).toEqual([
    wanted.slice(0, 3),
    wanted.slice(3, 6),
    wanted.slice(6),
  ]);
});

test("a network that another face has changed is not told as it was asked for", async () => {
  const { call, engine } = scriptedE2b();
  const made = (
    await call("POST", "/v2/sandboxes", {
      templateID: "base",
      network: { denyOut: ["10.0.0.0/8"] },
    })
  ).json;
  const told = async () => (await call("GET", `/sandboxes/${made.sandboxID}`)).json;
  expect(await told()).toMatchObject({
    network: { denyOut: ["10.0.0.0/8"] },
    allowInternetAccess: null,
  });
  const { session } = await engine.sandboxes.byId(made.sandboxID);
  await engine.sessions.setNetworkPolicy(session.id, { mode: "deny-all" });
  expect(await told()).not.toHaveProperty("network");
  expect(await told()).toMatchObject({ allowInternetAccess: false });
});

test("a sandbox that is closed to the public opens its ports to its own traffic token alone", async () => {
  const { call } = scriptedE2b();
  const closed = { templateID: "base", network: { allowPublicTraffic: false } };
  const made = (await call("POST", "/v2/sandboxes", closed)).json;
  const other = (await call("POST", "/v2/sandboxes", closed)).json;
  for (const token of [{}, { "e2b-traffic-access-token": other.trafficAccessToken as string }]) {
    const at = { "e2b-sandbox-id": made.sandboxID, "e2b-sandbox-port": "8080", ...token };
    expect(await call("GET", "/", undefined, at)).toMatchObject({
      status: 403,
      json: { code: 403, sandboxId: made.sandboxID },
    });
  }
});

test("who may not pass to a closed sandbox that is paused does not wake it", async () => {
  const { call, engine } = scriptedE2b();
  const made = (
    await call("POST", "/v2/sandboxes", {
      templateID: "base",
      network: { allowPublicTraffic: false },
      autoPause: true,
      autoResume: { enabled: true },
    })
  ).json;
  const { session } = await engine.sandboxes.byId(made.sandboxID);
  await engine.sessions.pause(session.id, { memory: true });
  const at = { "e2b-sandbox-id": made.sandboxID, "e2b-sandbox-port": "8080" };
  expect(await call("GET", "/", undefined, at)).toMatchObject({ status: 403 });
  expect((await call("GET", `/sandboxes/${made.sandboxID}`)).json.state).toBe("paused");
  engine.sessions.route = async () => {
    throw new SandboxError("port_not_listening", "Nothing listens.");
  };
  await call("GET", "/", undefined, {
    ...at,
    "e2b-traffic-access-token": made.trafficAccessToken as string,
  });
  expect((await call("GET", `/sandboxes/${made.sandboxID}`)).json.state).toBe("running");
});

test("the ports of a sandbox answer as whoever stands before them at the vendor's", async () => {
  const { call, engine, face } = scriptedE2b();
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
  const upgrade = await face.connect?.(new Request("http://face.test/", { headers: at }));
  expect(upgrade).toMatchObject({ status: 409 });
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

test("usage of many sandboxes leaves out those that are not there", async () => {
  const { call } = scriptedE2b();
  const { sandboxID } = (await call("POST", "/v2/sandboxes", { templateID: "base" })).json;
  const ids = `${sandboxID},i00000000000000000000`;
  const { status, json } = await call("GET", `/sandboxes/metrics?sandbox_ids=${ids}`);
  expect([status, Object.keys(json.sandboxes)]).toEqual([200, [sandboxID]]);
});

test("the log of a build that still runs is what there is of it", async () => {
  const { call, engine } = scriptedE2b();
  const { templateID, buildID } = (await call("POST", "/v3/templates", { name: "mine" })).json;
  engine.templates.logs = async function* (_template, _build, { follow = true } = {}) {
    yield { at: 0, level: "info", message: "begun" };
    if (follow) await new Promise(() => undefined);
  };
  const { json } = await call("GET", `/templates/${templateID}/builds/${buildID}/logs`);
  expect(json.logs).toMatchObject([{ message: "begun" }]);
});
