import { PassThrough } from "node:stream";
import { Sandbox } from "@vercel/sandbox";
import { expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import type { Sandboxes } from "../../engine/engine.ts";
import { abortable } from "../../std/abortable.ts";
import { scriptedFace } from "../../testing/face-client.ts";

const created = (init: RequestInit = {}) =>
  new Request("http://face.test/v3/sandboxes", { method: "POST", ...init });

/** An engine whose creation takes until the test ends it, or the caller calls it off. */
function slowFace(options: Parameters<typeof scriptedFace>[0] = {}) {
  const made = scriptedFace(options);
  const create = made.engine.sandboxes.create;
  const gate = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<AbortSignal | undefined>();
  const slow: Sandboxes["create"] = async (request, { signal } = {}) => {
    seen.resolve(signal);
    await abortable(gate.promise, signal);
    return create(request);
  };
  made.engine.sandboxes.create = slow;
  return { ...made, gate, seen: seen.promise };
}

test("a caller that gives up gets its own reason, and the engine is told", async () => {
  const { face, seen, state } = slowFace();
  const caller = new AbortController();
  const answer = face.fetch(created({ signal: caller.signal }));
  const signal = await seen;
  const reason = new Error("enough");
  caller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  expect(signal?.aborted).toBe(true);
  expect([...state.sandboxes.keys()]).toEqual([]);
});

test("a caller that has given up already starts nothing", async () => {
  const { face, state, lines } = scriptedFace();
  const reason = new Error("never mind");
  await expect(face.fetch(created({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  expect([[...state.sandboxes.keys()], lines]).toEqual([[], []]);
});

test("an answer that takes long begins before it is known, and is the same in the end", async () => {
  const { face, gate } = slowFace({ patienceMs: 1, keepAliveMs: 5 });
  const response = await face.fetch(created());
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "application/json",
  ]);
  gate.resolve();
  const text = await response.text();
  expect(text.startsWith(" ")).toBe(true);
  expect(JSON.parse(text)).toMatchObject({ sandbox: { status: "running" }, resumed: false });
});

test("an answer within the face's patience has the status of its error", async () => {
  const { face, gate } = slowFace();
  const answer = face.fetch(created());
  gate.reject(new SandboxError("too_many_sandboxes", "Stop some first."));
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([
    429,
    { error: { code: "rate_limited", message: "Stop some first." } },
  ]);
});

test("a command that is started for a caller who gave up meanwhile is not read for it", async () => {
  const { face, commands, engine, caller: access, state } = scriptedFace();
  const sandbox = await Sandbox.create(access);
  const { sessionId } = sandbox.currentSession();
  const start = engine.commands.start;
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  engine.commands.start = async (...request) => {
    asked.resolve();
    await gate.promise;
    return start.apply(commands, request);
  };
  const caller = new AbortController();
  const answer = face.fetch(
    new Request(`http://face.test/v2/sandboxes/sessions/${sessionId}/cmd`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ command: "hold", wait: true, logs: true }),
      signal: caller.signal,
    }),
  );
  await asked.promise;
  caller.abort();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
  gate.resolve();
  await expect.poll(() => state.commands.size).toBe(1);
  const [command] = state.commands.values();
  expect(command?.exitCode).toBeNull();
  expect(commands.readers(command?.id ?? "")).toBe(0);
});

test("a file that is opened for a caller who gave up meanwhile is closed again", async () => {
  const { face, engine, caller: access } = scriptedFace();
  const sandbox = await Sandbox.create(access);
  const { sessionId } = sandbox.currentSession();
  const content = new PassThrough();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  engine.files.read = async () => {
    asked.resolve();
    await gate.promise;
    return { size: 1, content };
  };
  const caller = new AbortController();
  const answer = face.fetch(
    new Request(`http://face.test/v2/sandboxes/sessions/${sessionId}/fs/read`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ path: "a" }),
      signal: caller.signal,
    }),
  );
  await asked.promise;
  caller.abort();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
  gate.resolve();
  await expect.poll(() => content.destroyed).toBe(true);
});
