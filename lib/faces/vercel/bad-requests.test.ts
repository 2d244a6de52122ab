import { Sandbox } from "@vercel/sandbox";
import { expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { scriptedFace } from "../../testing/face-client.ts";
import { BAD_REQUESTS } from "../../testing/bad-requests/all-bad-requests.ts";
import type { BadRequest } from "../../testing/bad-requests/bad-request.ts";

/** A face with one running sandbox that has a running command and a drive: something that could be harmed. */
async function occupiedFace() {
  const made = scriptedFace();
  const sandbox = await Sandbox.create({ ...made.caller, name: "box", ports: [3000] });
  const command = await sandbox.runCommand({ cmd: "hold", detached: true });
  await made.call("POST", "/v2/sandboxes/drives/data", {});
  return { ...made, session: sandbox.currentSession().sessionId, command: command.cmdId };
}

function toRequest({ method = "POST", path, json, raw, headers }: BadRequest): Request {
  const body = json === undefined ? raw : JSON.stringify(json);
  return new Request(`http://face.test${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: { ...(json !== undefined && { "content-type": "application/json" }), ...headers },
  });
}

test("the table holds enough, and no case twice", () => {
  expect(BAD_REQUESTS.length).toBeGreaterThanOrEqual(60);
  const names = BAD_REQUESTS.map(({ why, path }) => `${why} ${path}`);
  expect(new Set(names).size).toBe(names.length);
});

test.each(BAD_REQUESTS)("$why: refused with $status, and nothing is changed", async (bad) => {
  const { face, state, session, command, lines } = await occupiedFace();
  const before = state.dump();
  const path = bad.path.replace("{session}", session).replace("{command}", command);
  const response = await face.fetch(toRequest({ ...bad, path }));
  const body = JSON.parse(await response.text());
  expect({ status: response.status, ...body.error }).toEqual({
    status: bad.status,
    code: bad.code ?? "bad_request",
    message: expect.stringContaining(bad.says),
  });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(state.dump()).toEqual(before);
  // It was foreseen, so it is nothing that a log must hold.
  expect(lines).toEqual([]);
});

test("a refused method is told which would be answered", async () => {
  const { face } = scriptedFace();
  const allow = async (method: string, path: string) => {
    const response = await face.fetch(new Request(`http://face.test${path}`, { method }));
    return [response.status, response.headers.get("allow")];
  };
  expect(await allow("PUT", "/v2/sandboxes/a")).toEqual([405, "GET, PATCH, DELETE"]);
  expect(await allow("HEAD", "/v2/sandboxes")).toEqual([405, "GET"]);
  expect(await allow("OPTIONS", "/v1/sandboxes/a/stop")).toEqual([405, "POST"]);
});

test("a field that may hold a secret is not repeated in the message", async () => {
  const { call } = scriptedFace();
  const answers = [
    await call("POST", "/v3/sandboxes", { env: { TOKEN: 987654321 } }),
    await call("POST", "/v3/sandboxes", { source: { type: "git", url: "", password: "hunter2" } }),
    await call("POST", "/v3/sandboxes", {
      networkPolicy: { allow: { "a.example": [{ transform: [{ headers: { a: ["hunter2"] } }] }] } },
    }),
    await call("POST", "/v2/sandboxes/sessions/s/cmd/c/stdin", { data: "hunter2!" }),
  ];
  for (const { status, json } of answers) {
    expect(status).toBe(400);
    expect(json.error.message).not.toMatch(/hunter2|987654321/);
  }
});

test("private fields and those of an account are let through", async () => {
  const { call, state } = scriptedFace();
  const { status } = await call("POST", "/v3/sandboxes?teamId=t&slug=s&__flag=1", {
    name: "box",
    projectId: "prj",
    project: "p",
    teamId: "t",
    __interactive: true,
  });
  expect([status, [...state.sandboxes.keys()]]).toEqual([200, ["box"]]);
});

test("a fault of the engine's own is no less hidden", async () => {
  const { call, engine, lines } = scriptedFace();
  engine.sandboxes.list = () => {
    throw new SandboxError("internal", "no row in /home/somebody/state.db");
  };
  const { status, json } = await call("GET", "/v2/sandboxes");
  expect([status, json.error.code]).toEqual([500, "internal_server_error"]);
  expect(json.error.message).not.toContain("/home/somebody");
  expect(lines).toHaveLength(1);
});

test("what was not foreseen is a 500 that tells an id, and the log has the rest under it", async () => {
  const { call, engine, lines } = scriptedFace();
  engine.sandboxes.list = () => {
    throw new Error("ENOENT: no such file /home/somebody/state.db");
  };
  const { status, json } = await call("GET", "/v2/sandboxes");
  expect(status).toBe(500);
  expect(json.error).toEqual({
    code: "internal_server_error",
    id: expect.stringMatching(/^err_/),
    message: expect.stringContaining(json.error.id),
  });
  expect(JSON.stringify(json)).not.toContain("/home/somebody");
  expect(lines).toEqual([
    {
      message: expect.any(String),
      fields: {
        id: json.error.id,
        during: "GET /v2/sandboxes",
        reason: expect.stringContaining("/home/somebody/state.db"),
      },
    },
  ]);
});
