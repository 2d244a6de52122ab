import { expect, test } from "vitest";
import { faceContext } from "../../testing/face-context.ts";
import { listLog } from "../../testing/list-log.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { daytonaFace } from "./daytona-face.ts";

function scriptedDaytona() {
  const scripted = scriptedEngine();
  const log = listLog();
  const clock = new ManualClock(scripted.state.now());
  const face = daytonaFace(faceContext({ engine: scripted.engine, log, clock }));
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await face.fetch(
      new Request(`http://face.test${path}`, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
      }),
    );
    return { status: response.status, json: JSON.parse(await response.text()) as unknown };
  };
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
