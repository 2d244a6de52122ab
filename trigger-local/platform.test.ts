import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runs, sessions, tasks, wait } from "@trigger.dev/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isRunning } from "../lib/testing/is-running.ts";
import { BENCH_START_MS, type PlatformBench, startBench } from "./testing/platform-bench.ts";
import { finished, firstRecords, useBench } from "./testing/sdk-client.ts";

const projectDirectory = fileURLToPath(new URL("testing/project", import.meta.url));

let bench: PlatformBench;

beforeAll(async () => {
  bench = await startBench({ projectDirectory });
  useBench(bench);
}, BENCH_START_MS);
afterAll(() => bench[Symbol.asyncDispose](), BENCH_START_MS);

interface Chunk {
  text: string;
  end?: true;
}

test("runs a task in a real worker, and shows the run in all ways that the SDK has", async () => {
  const handle = await tasks.trigger("hello", { name: "Ada" }, { tags: ["who:ada"] });
  const seen: string[] = [];
  for await (const run of runs.subscribeToRun(handle.id)) seen.push(run.status);
  expect(seen.at(-1)).toBe("COMPLETED");
  const run = await runs.retrieve(handle.id);
  expect(run).toMatchObject({
    status: "COMPLETED",
    isSuccess: true,
    attemptCount: 1,
    payload: { name: "Ada" },
    output: { greeting: "Hello, Ada!" },
    tags: ["who:ada"],
  });
  expect(run.output.pid).not.toBe(process.pid);
  const tagged = await runs.list({ tag: "who:ada", status: "COMPLETED" });
  expect(tagged.data.map(({ id }) => id)).toEqual([handle.id]);
  expect((await runs.list({ tag: "who:ada", status: "FAILED" })).data).toEqual([]);
  for await (const subscribed of runs.subscribeToRunsWithTag("who:ada")) {
    expect(subscribed).toMatchObject({ id: handle.id, tags: ["who:ada"], status: "COMPLETED" });
    break;
  }
});

test("streams 8 MB in order, and again from the index where a reader was cut off", async () => {
  const [chunks, bytes] = [256, 32 * 1024];
  const { id } = await tasks.trigger("write-chunks", { chunks, bytes });
  const all = await firstRecords<Chunk>(id, { count: chunks + 1 });
  const texts = Array.from({ length: chunks }, (_, index) => `${index}:`.padEnd(bytes, "x"));
  expect(all.map(({ text }) => text)).toEqual([...texts, undefined]);
  const rest = await firstRecords<Chunk>(id, { count: 57, startIndex: 200 });
  expect(rest).toEqual(all.slice(200));
});

test("cancels a run: its signal is aborted and its slot is free", async () => {
  const { id } = await tasks.trigger("until-canceled", {});
  await firstRecords(id, { count: 1 });
  await runs.cancel(id);
  expect(await finished(id)).toMatchObject({ status: "CANCELED", isCancelled: true });
  await overIn(id);
});

test("a worker that is killed makes its run crash, and the next run gets another worker", async () => {
  const { id } = await tasks.trigger("until-canceled", {});
  const [first] = await firstRecords<Chunk>(id, { count: 1 });
  process.kill(Number(first?.text), "SIGKILL");
  expect(await finished(id)).toMatchObject({ status: "CRASHED", isFailed: true });
  const next = await tasks.trigger("hello", { name: "again" });
  expect(await finished(next.id)).toMatchObject({ status: "COMPLETED" });
});

test("tries a run again as its task says, but not after an abort", async () => {
  // One after the other: each process that starts beside another one makes both slow.
  const fails = await tasks.trigger("fails-at-first", { times: 2 });
  expect(await finished(fails.id)).toMatchObject({ status: "COMPLETED", output: { attempts: 3 } });
  const tired = await tasks.trigger("fails-at-first", { times: 3 });
  expect(await finished(tired.id)).toMatchObject({
    status: "FAILED",
    attemptCount: 3,
    error: { message: "Attempt 3 fails." },
  });
  const aborts = await tasks.trigger("aborts", {});
  expect(await finished(aborts.id)).toMatchObject({ status: "FAILED", attemptCount: 1 });
});

test("an idempotency key stands for the first run, until that fails", async () => {
  const options = { idempotencyKey: "once" };
  const first = await tasks.trigger("hello", { name: "one" }, options);
  const second = await tasks.trigger("hello", { name: "two" }, options);
  expect(second).toMatchObject({ id: first.id, isCached: true });
  const failing = await tasks.trigger("aborts", {}, options);
  await finished(failing.id);
  const again = await tasks.trigger("aborts", {}, options);
  expect(again.id).not.toBe(failing.id);
});

test("waits for a child and for a batch", async () => {
  const parent = await tasks.trigger("parent", { name: "child" });
  expect((await finished(parent.id)).output).toEqual({ child: "Hello, child!" });
  const batch = await tasks.trigger("batch-parent", { names: ["a", "b"] });
  const { output, relatedRuns } = await finished(batch.id);
  expect(output).toEqual(["Hello, a!", "Hello, b!"]);
  expect(relatedRuns.children?.map(({ triggerFunction }) => triggerFunction)).toEqual([
    "batchTriggerAndWait",
    "batchTriggerAndWait",
  ]);
});

test("a task's metadata is on its run, also what it set last, and on its root's", async () => {
  const { id } = await tasks.trigger("notes", { depth: 1 }, { metadata: { by: "test" } });
  const { metadata, relatedRuns } = await finished(id);
  expect(metadata).toEqual({ by: "test", depth: 1, ended: 2 });
  expect(relatedRuns.children?.[0]?.metadata).toEqual({ depth: 0 });
});

test("waits for time and for input", async () => {
  const pause = await tasks.trigger("pauses", { seconds: 1 });
  const input = await tasks.trigger("waits-for-input", {});
  await fetch(`${bench.env.TRIGGER_API_URL}/realtime/v1/streams/${input.id}/input/input`, {
    method: "POST",
    headers: { authorization: `Bearer ${bench.env.TRIGGER_SECRET_KEY}` },
    body: JSON.stringify({ data: { text: "typed" } }),
  });
  expect((await finished(pause.id)).output.ms).toBeGreaterThanOrEqual(1_000);
  expect((await finished(input.id)).output).toEqual({ text: "typed" });
});

test("a token is completed from outside, or times out", async () => {
  const [answered, late] = await Promise.all([
    wait.createToken({ timeout: "1h" }),
    wait.createToken({ timeout: "1s" }),
  ]);
  const [first, second] = await Promise.all([
    tasks.trigger("waits-for-token", { tokenId: answered.id }),
    tasks.trigger("waits-for-token", { tokenId: late.id }),
  ]);
  await wait.completeToken(answered.id, { answer: 42 });
  expect((await finished(first.id)).output).toEqual({ answer: 42 });
  expect((await finished(second.id)).output.error).toMatch(/timed out/i);
});

test("more runs than slots that all wait come to an end, two at a time", async () => {
  const handles = await Promise.all(
    Array.from({ length: 5 }, () => tasks.trigger("in-narrow-queue", { timeout: "1s" })),
  );
  const ended = await Promise.all(handles.map(({ id }) => finished(id)));
  expect(ended.map(({ output }) => output)).toEqual(Array(5).fill({ ok: false }));
  const spans = ended.map(({ startedAt, finishedAt }) => [Number(startedAt), Number(finishedAt)]);
  for (const [start] of spans) {
    const atOnce = spans.filter(([from, to]) => from! <= start! && start! < to!);
    expect(atOnce.length).toBeLessThanOrEqual(2);
  }
});

test("a run that nobody began in time expires, and a delayed one begins at its time", async () => {
  const [unknown, delayed] = await Promise.all([
    tasks.trigger("no-such-task", {}, { ttl: "1s" }),
    tasks.trigger("hello", { name: "late" }, { delay: new Date(Date.now() + 3_000) }),
  ]);
  expect((await runs.retrieve(delayed.id)).status).toBe("DELAYED");
  expect(await finished(unknown.id)).toMatchObject({ status: "EXPIRED" });
  const run = await finished(delayed.id);
  expect(run.status).toBe("COMPLETED");
  expect(Number(run.startedAt)).toBeGreaterThanOrEqual(Number(run.delayedUntil));
});

test("payloads and outputs that are too large for a request go by way of the store", async () => {
  const name = "x".repeat(600_000);
  const { id } = await tasks.trigger("hello", { name });
  const run = await finished(id);
  expect(run.output.greeting).toBe(`Hello, ${name}!`);
  expect(run.payload).toEqual({ name });
});

test("a session goes on in a new run after a crash, and answers nothing twice", async () => {
  const start = {
    type: "test",
    externalId: "actor",
    taskIdentifier: "session-host",
    triggerConfig: { basePayload: { name: "one" }, maxAttempts: 1 },
  };
  const session = await sessions.start(start);
  expect(await sessions.start(start)).toMatchObject({ id: session.id, isCached: true });
  const { in: input, out } = sessions.open("actor");
  const answers = await out.read<{ text: string }>({ timeoutInSeconds: 30 });
  const reader = answers[Symbol.asyncIterator]();
  const next = async () => (await reader.next()).value?.text;
  expect(await next()).toBe("ready one");
  await input.send({ text: "first" });
  expect(await next()).toBe("first!");
  await input.send({ text: "crash" });
  expect(await next()).toBe("crash!");
  expect(await finished(session.runId)).toMatchObject({ status: "CRASHED" });
  await input.send({ text: "second" });
  expect(await next()).toBe("continued");
  expect(await next()).toBe("second!");
  const { currentRunId } = await sessions.retrieve("actor");
  expect(currentRunId).not.toBe(session.runId);
  await input.send({ text: "end" });
  expect(await finished(String(currentRunId))).toMatchObject({ status: "COMPLETED" });
  await sessions.close("actor", { reason: "done" });
  await expect(input.send({ text: "late" })).rejects.toThrow("closed session");
});

test("a run goes on while the platform is started anew, and what is over is still there", async () => {
  const old = await tasks.trigger("hello", { name: "old" });
  await finished(old.id);
  const { id } = await tasks.trigger("until-canceled", {});
  await firstRecords(id, { count: 1 });
  await bench.restartPlatform();
  expect(await runs.retrieve(old.id)).toMatchObject({ output: { greeting: "Hello, old!" } });
  expect(await firstRecords(id, { count: 1 })).toHaveLength(1);
  const next = await tasks.trigger("hello", { name: "new" });
  expect(await finished(next.id)).toMatchObject({ status: "COMPLETED" });
  expect((await runs.retrieve(id)).status).toBe("EXECUTING");
  await runs.cancel(id);
  await overIn(id);
});

test("the runs of a CLI that ends are canceled, and nothing of it is left", async () => {
  const { id } = await tasks.trigger("until-canceled", {});
  const [first] = await firstRecords<Chunk>(id, { count: 1 });
  // None comes back, so there is nothing to wait for.
  bench.platform.engine.options.absenceMs = 100;
  await bench.cli[Symbol.asyncDispose]();
  expect(await finished(id)).toMatchObject({ status: "CANCELED" });
  expect(isRunning(Number(first?.text))).toBe(false);
  const left = await readdir(join(projectDirectory, ".trigger"));
  expect(left.filter((name) => name.includes(bench.branch))).toEqual([]);
});

/** Waits until the worker has let go of the run. */
async function overIn(id: string): Promise<void> {
  const { engine } = bench.platform;
  while (engine.runs.find(id)?.snapshot.executionStatus !== "FINISHED") {
    await engine.changes.next(`run:${id}`, { timeoutMs: 20_000 });
  }
}
