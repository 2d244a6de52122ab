import { expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { E2B_BAD_REQUESTS } from "../../testing/e2b-bad-requests/all.ts";
import type { BadE2bRequest } from "../../testing/e2b-bad-requests/bad-request.ts";
import { scriptedE2b } from "../../testing/scripted-e2b.ts";
import { accessTokens } from "./access-tokens.ts";

/** A face with a sandbox that runs and one that is paused, a template, two volumes and a secret: something that could be harmed. */
async function occupiedFace() {
  const made = scriptedE2b();
  const { engine, call, context } = made;
  const create = async () => (await call("POST", "/v2/sandboxes", { templateID: "base" })).json;
  const [running, paused] = [await create(), await create()];
  const { session } = await engine.sandboxes.byId(paused.sandboxID);
  await engine.sessions.pause(session.id, { memory: true });
  const template = (await call("POST", "/v3/templates", { name: "mine" })).json;
  const volume = (await call("POST", "/volumes", { name: "data" })).json;
  const other = (await call("POST", "/volumes", { name: "other" })).json;
  await call("POST", "/secrets", { name: "KEY", value: "hunter2" });
  const tokens = accessTokens(context.secret("e2b tokens"));
  const names: Record<string, string> = {
    sandbox: running.sandboxID,
    paused: paused.sandboxID,
    template: template.templateID,
    build: template.buildID,
    volume: volume.volumeID,
    volumeToken: volume.token,
    otherToken: other.token,
    sandboxToken: tokens.ofSandbox(running.sandboxID),
  };
  const fill = (text: string) =>
    text.replaceAll(/(?<!\$)\{(\w+)\}/g, (_whole, name: string) => names[name] ?? _whole);
  return { ...made, fill };
}

function toRequest(
  { method, path, json, raw, headers = {} }: BadE2bRequest,
  fill: (text: string) => string,
): Request {
  const body = json === undefined ? raw : JSON.stringify(json);
  const given = Object.entries(headers).map(([name, value]) => [name, fill(value)] as const);
  return new Request(`http://face.test${fill(path)}`, {
    method,
    ...(body !== undefined && { body }),
    headers: {
      ...(json !== undefined && { "content-type": "application/json" }),
      ...Object.fromEntries(given),
    },
  });
}

test("the table holds enough, and no case twice", () => {
  expect(E2B_BAD_REQUESTS.length).toBeGreaterThanOrEqual(100);
  const names = E2B_BAD_REQUESTS.map(({ why, path }) => `${why} ${path}`);
  expect(new Set(names).size).toBe(names.length);
});

test.each(E2B_BAD_REQUESTS)("$why: refused with $status, and nothing is changed", async (bad) => {
  const { face, state, log, fill } = await occupiedFace();
  const before = state.dump();
  const response = await face.fetch(toRequest(bad, fill));
  const body = JSON.parse(await response.text());
  expect({ status: response.status, ...body }).toEqual({
    status: bad.status,
    code: bad.status,
    message: expect.stringContaining(bad.says),
  });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(JSON.stringify(body)).not.toContain("hunter2");
  expect(state.dump()).toEqual(before);
  // It was foreseen, so it is nothing that a log must hold.
  expect(log.lines).toEqual([]);
});

test.each([
  ["too_many_sandboxes", 429],
  ["engine_unavailable", 503],
  ["storage_full", 507],
  ["sandbox_lost", 404],
  ["drive_in_use", 409],
] as const)("the fault %s is a %i", async (code, status) => {
  const { call, engine } = scriptedE2b();
  engine.sandboxes.create = async () => {
    throw new SandboxError(code, "for a reason");
  };
  const answer = await call("POST", "/v2/sandboxes", { templateID: "base" });
  expect([answer.status, answer.json]).toEqual([status, { code: status, message: "for a reason" }]);
});

test("what was not foreseen is a 500 that tells an id, and the log has the rest under it", async () => {
  const { call, engine, log } = scriptedE2b();
  engine.sandboxes.list = () => {
    throw new Error("ENOENT: no such file /home/somebody/state.db");
  };
  const { status, json } = await call("GET", "/v2/sandboxes");
  expect([status, json.code]).toEqual([500, 500]);
  const id = /err_\w+/.exec(json.message)?.[0];
  expect(log.lines).toEqual([
    expect.stringMatching(new RegExp(`${id}.*/home/somebody/state.db`, "s")),
  ]);
  expect(JSON.stringify(json)).not.toContain("/home/somebody");
});
