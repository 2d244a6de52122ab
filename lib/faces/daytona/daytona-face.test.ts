import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { faceContext } from "../../testing/face-context.ts";
import { listLog } from "../../testing/list-log.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { daytonaFace } from "./daytona-face.ts";
import { callFace } from "../../testing/face-call.ts";

function scriptedDaytona() {
  const scripted = scriptedEngine();
  const log = listLog();
  const clock = new ManualClock(scripted.state.now());
  const face = daytonaFace(faceContext({ engine: scripted.engine, log, clock }));
  const call = (method: string, path: string, body?: unknown) =>
    callFace(face, [method, path], body);
  return { ...scripted, face, log, call };
}

const head = (path: string, method = "GET") => ({
  method,
  url: `http://face.test${path}`,
  headers: new Headers(),
});

test("of what was not foreseen a client learns an id, and the log the rest", async () => {
  const { call, engine, log } = scriptedDaytona();
  engine.sandboxes.list = () => {
    throw new Error("EACCES: /home/somebody/state.db");
  };
  const { status, json } = await call("GET", "/sandbox");
  expect(status).toBe(500);
  expect(json).toMatchObject({
    statusCode: 500,
    code: "INTERNAL_SERVER_ERROR",
    source: "DAYTONA_API",
    message: expect.not.stringContaining("somebody"),
    id: expect.stringMatching(/^err_/),
  });
  expect(JSON.stringify(log.lines)).toContain("EACCES");
});

test("what the toolbox refuses is the toolbox's, the rest the API's", async () => {
  const { call } = scriptedDaytona();
  const ofToolbox = await call("GET", "/toolbox/none/work-dir");
  expect(ofToolbox).toMatchObject({ status: 404, json: { source: "DAYTONA_DAEMON" } });
  const ofApi = await call("GET", "/sandbox/none");
  expect(ofApi).toMatchObject({ status: 404, json: { source: "DAYTONA_API" } });
});

test("the host refuses in the vendor's shape", async () => {
  const { face } = scriptedDaytona();
  const refused = face.refuse?.(head("/sandbox"), { status: 401, message: "no token" });
  expect(refused?.status).toBe(401);
  expect(await refused?.json()).toMatchObject({
    statusCode: 401,
    message: "no token",
    code: "UNAUTHORIZED",
    source: "DAYTONA_API",
    path: "/sandbox",
    method: "GET",
  });
});

test("says which sandbox a request names, and never throws over it", () => {
  const { face } = scriptedDaytona();
  const id = "0123456789abcdefghij";
  expect(face.sandboxOf?.(head(`/sandbox/${id}/start`))).toEqual({ id });
  expect(face.sandboxOf?.(head(`/toolbox/${id}/files?path=.`))).toEqual({ id });
  expect(face.sandboxOf?.(head("/sandbox/by-name"))).toEqual({ name: "by-name" });
  expect(face.sandboxOf?.(head("/sandbox/%zz"))).toEqual({ name: "%zz" });
  expect(face.sandboxOf?.(head("/sandbox"))).toBeUndefined();
  expect(face.sandboxOf?.(head("/sandbox/ssh-access/validate"))).toBeUndefined();
  expect(face.sandboxOf?.(head("/volumes/sandbox"))).toBeUndefined();
});

test("a WebSocket to nothing is refused", async () => {
  const { face, engine } = scriptedDaytona();
  const { sandbox } = await engine.sandboxes.create({ name: "box" });
  for (const path of [
    "/sandbox",
    `/toolbox/${sandbox.id}/files`,
    "/toolbox/none/process/pty/x/connect",
  ]) {
    const answer = await face.connect?.(new Request(`http://face.test${path}`));
    expect(answer, path).toBeInstanceOf(Response);
    expect(answer).toMatchObject({ status: 404 });
  }
});

test("a caller that leaves gets its own reason", async () => {
  const { face } = scriptedDaytona();
  const leaving = AbortSignal.abort(new Error("gone"));
  await expect(
    face.fetch(new Request("http://face.test/sandbox", { signal: leaving })),
  ).rejects.toThrow("gone");
});

test("files that nobody reads to their end are closed", async () => {
  const { face, engine } = scriptedDaytona();
  const { sandbox } = await engine.sandboxes.create({ name: "box" });
  const opened: Readable[] = [];
  engine.files.read = async () => {
    const content = Readable.from(["never read"]);
    opened.push(content);
    return { size: 10, content };
  };
  const toolbox = `http://face.test/toolbox/${sandbox.id}/files`;
  const download = await face.fetch(
    new Request(`${toolbox}/bulk-download`, {
      method: "POST",
      body: JSON.stringify({ paths: ["one", "two"] }),
      headers: { "content-type": "application/json" },
    }),
  );
  const reader = download.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  expect(new TextDecoder().decode(value)).toContain('filename="one"');
  await reader?.cancel();
  expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  const head = new Request(`${toolbox}/download?path=one`, { method: "HEAD" });
  expect((await face.fetch(head)).status).toBe(405);
  expect(opened).toHaveLength(2);
});

test("a line's output that is too long with its marks is refused", async () => {
  const { call, commands, engine } = scriptedDaytona();
  const { sandbox } = await engine.sandboxes.create({ name: "box" });
  commands.scripts.set("sh", (shell) => shell.write("stdout", "ready\n"));
  commands.scripts.set("bash", (line) => {
    for (let count = 0; count < 4; count++) line.write("stdout", "\n".repeat(4 * 1_024 * 1_024));
    line.exit(0);
  });
  const sessions = `/toolbox/${sandbox.id}/process/session`;
  await call("POST", sessions, { sessionId: "one" });
  const { status, json } = await call("POST", `${sessions}/one/exec`, { command: "yes ''" });
  expect(status).toBe(413);
  expect(json).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
});

test("a snapshot whose build cannot begin leaves its name free", async () => {
  const { call } = scriptedDaytona();
  const order = (user: string) => ({
    name: "mine",
    buildInfo: { dockerfileContent: `FROM debian:12\nUSER ${user}\n` },
  });
  expect(await call("POST", "/snapshots", order("no user"))).toMatchObject({ status: 400 });
  expect(await call("GET", "/snapshots/mine")).toMatchObject({ status: 404 });
  expect(await call("POST", "/snapshots", order("root"))).toMatchObject({ status: 200 });
});

test("of two snapshots of one name that are asked for at once one is refused", async () => {
  const { call } = scriptedDaytona();
  const order = { name: "mine", imageName: "debian:12" };
  const answers = await Promise.all([1, 2].map(() => call("POST", "/snapshots", order)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 409]);
});

test("a failed build is told by the end of its log", async () => {
  const { call } = scriptedDaytona();
  const lines = Array.from({ length: 150 }, (_, index) => `ENV A=${index}`);
  const dockerfileContent = ["FROM debian:12", ...lines, "RUN false"].join("\n");
  const { status, json } = await call("POST", "/sandbox", { buildInfo: { dockerfileContent } });
  expect(status).toBe(400);
  expect(json).toMatchObject({ message: expect.stringContaining("step 151: run") });
});

test("a sandbox's snapshot that fails leaves its name free", async () => {
  const { call, engine } = scriptedDaytona();
  await engine.sandboxes.create({ name: "box" });
  engine.sessions.snapshot = async () => {
    throw new SandboxError("storage_full", "There is no room.");
  };
  const refused = await call("POST", "/sandbox/box/snapshot", { name: "kept" });
  expect(refused).toMatchObject({ status: 507, json: { code: "STORAGE_FULL" } });
  expect(await call("GET", "/snapshots/kept")).toMatchObject({ status: 404 });
});
