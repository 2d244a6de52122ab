import * as answers from "@trigger.dev/core/v3";
import { generateJWT, type TaskRunExecutionResult } from "@trigger.dev/core/v3";
import * as worker from "@trigger.dev/core/v3/workers";
import { expect, test } from "vitest";
import { memoryPlatform, type MemoryPlatform, registerTasks } from "../testing/memory-platform.ts";

// Each answer is parsed by the schema with which the vendor's own code reads it.

interface Schema<Answer> {
  parse: (value: unknown) => Answer;
}

async function ask<Answer>(
  platform: MemoryPlatform,
  schema: Schema<Answer>,
  [method, path, body]: [method: string, path: string, body?: unknown],
): Promise<Answer> {
  const answer = await platform.ask(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.ok, text).toBe(true);
  return schema.parse(JSON.parse(text));
}

async function trigger(platform: MemoryPlatform, task = "hello", options = {}): Promise<string> {
  const request = {
    payload: '{"name":"Ada"}',
    options: { payloadType: "application/json", ...options },
  };
  const { id } = await ask(platform, answers.TriggerTaskResponse, [
    "POST",
    `/api/v1/tasks/${task}/trigger`,
    request,
  ]);
  return id;
}

/** Dequeues the next run and begins it, as a worker does. */
async function begin(platform: MemoryPlatform, workerId: string) {
  const { dequeuedMessages } = await ask(platform, answers.DevDequeueResponseBody, [
    "POST",
    "/engine/v1/dev/dequeue",
    { currentWorker: workerId, oldWorkers: [] },
  ]);
  const message = dequeuedMessages[0]!;
  const run = message.run.friendlyId;
  const started = await ask(platform, worker.WorkloadRunAttemptStartResponseBody, [
    "POST",
    `/engine/v1/dev/runs/${run}/snapshots/${message.snapshot.friendlyId}/attempts/start`,
    {},
  ]);
  return { run, snapshot: started.snapshot.friendlyId, execution: started.execution };
}

async function complete(
  platform: MemoryPlatform,
  { run, snapshot }: { run: string; snapshot: string },
  completion: Omit<TaskRunExecutionResult, "id">,
) {
  const { result } = await ask(platform, worker.WorkloadRunAttemptCompleteResponseBody, [
    "POST",
    `/engine/v1/dev/runs/${run}/snapshots/${snapshot}/attempts/complete`,
    { completion: { id: run, ...completion } },
  ]);
  return result.attemptStatus;
}

const SUCCESS = { ok: true, output: '"done"', outputType: "application/json" } as const;

function failure(message: string, retry?: { delay: number }) {
  return {
    ok: false as const,
    error: { type: "BUILT_IN_ERROR" as const, name: "Error", message, stackTrace: "" },
    ...(retry && { retry: { timestamp: 0, ...retry } }),
  };
}

test("tells the CLI who it is and registers its tasks", async () => {
  await using platform = await memoryPlatform();
  expect(
    await ask(platform, answers.WhoAmIResponseSchema, ["GET", "/api/v2/whoami"]),
  ).toMatchObject({ dashboardUrl: platform.url() });
  const project = await ask(platform, answers.GetProjectEnvResponse, [
    "GET",
    "/api/v1/projects/proj_x/dev",
  ]);
  expect(project).toMatchObject({ apiKey: platform.keys.secretKey, apiUrl: platform.url() });
  await ask(platform, answers.GetEnvironmentVariablesResponseBody, [
    "GET",
    "/api/v1/projects/proj_x/envvars",
  ]);
  await ask(platform, answers.DevConfigResponseBody, ["GET", "/engine/v1/dev/config"]);
  const metadata = {
    packageVersion: "4.8.3",
    contentHash: "hash",
    tasks: [{ id: "hello", filePath: "trigger/hello.ts" }],
  };
  const registered = await ask(platform, answers.CreateBackgroundWorkerResponse, [
    "POST",
    "/api/v1/projects/proj_x/background-workers",
    { localOnly: true, metadata },
  ]);
  expect(registered).toMatchObject({
    contentHash: "hash",
    version: expect.stringMatching(/^\d{8}\.1$/),
  });
  expect(platform.engine.workers.latest?.metadata.tasks[0]?.id).toBe("hello");
});

test("takes a run from its trigger to its output", async () => {
  await using platform = await memoryPlatform();
  const { id: workerId } = registerTasks(platform.engine, [{ id: "hello" }]);
  const id = await trigger(platform, "hello", { tags: ["a"], metadata: '{"n":1}' });
  const begun = await begin(platform, workerId);
  expect(begun).toMatchObject({
    run: id,
    execution: { run: { payload: '{"name":"Ada"}', tags: ["a"], metadata: { n: 1 } } },
  });
  const latest = await ask(platform, worker.WorkloadRunLatestSnapshotResponseBody, [
    "GET",
    `/engine/v1/dev/runs/${id}/snapshots/latest`,
  ]);
  expect(latest.execution.snapshot.executionStatus).toBe("EXECUTING");
  await ask(platform, worker.WorkloadHeartbeatResponseBody, [
    "POST",
    `/engine/v1/dev/runs/${id}/snapshots/${begun.snapshot}/heartbeat`,
    {},
  ]);
  const updated = await ask(platform, answers.UpdateMetadataResponseBody, [
    "PUT",
    `/api/v1/runs/${id}/metadata`,
    { operations: [{ type: "increment", key: "n", value: 2 }] },
  ]);
  expect(updated.metadata).toEqual({ n: 3 });
  expect(await complete(platform, begun, SUCCESS)).toBe("RUN_FINISHED");
  const run = await ask(platform, answers.RetrieveRunResponse, ["GET", `/api/v3/runs/${id}`]);
  expect(run).toMatchObject({ status: "COMPLETED", output: "done", metadata: { n: 3 } });
  const { data } = await ask(platform, answers.ListRunResponse, ["GET", "/api/v1/runs"]);
  expect(data.map((listed) => listed.id)).toEqual([id]);
  const late = await platform.ask(
    `/engine/v1/dev/runs/${id}/snapshots/${begun.snapshot}/attempts/complete`,
    { method: "POST", body: JSON.stringify({ completion: { id, ...SUCCESS } }) },
  );
  expect(late.status).toBe(409);
});

test("a short pause before the next attempt is the worker's, a long one the queue's", async () => {
  await using platform = await memoryPlatform();
  const { id: workerId } = registerTasks(platform.engine, [{ id: "hello" }]);
  const id = await trigger(platform, "hello", { maxAttempts: 3 });
  const first = await begin(platform, workerId);
  expect(await complete(platform, first, failure("1", { delay: 10 }))).toBe("RETRY_IMMEDIATELY");
  const { snapshot } = platform.engine.runs.find(id)!;
  const second = await ask(platform, worker.WorkloadRunAttemptStartResponseBody, [
    "POST",
    `/engine/v1/dev/runs/${id}/snapshots/${snapshot.id}/attempts/start`,
    {},
  ]);
  expect(second.execution.attempt.number).toBe(2);
  const again = { run: id, snapshot: second.snapshot.friendlyId };
  expect(await complete(platform, again, failure("2", { delay: 60_000 }))).toBe("RETRY_QUEUED");
  const run = platform.engine.runs.find(id)!;
  expect(run.availableAt).toBeGreaterThan(Date.now() + 50_000);
  expect(run.snapshot.executionStatus).toBe("QUEUED");
});

test("a parent goes on with what its child has given back", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const { id: workerId } = registerTasks(engine, [{ id: "hello" }]);
  const notified: string[] = [];
  engine.notify = (id) => notified.push(id);
  const parent = await trigger(platform);
  const begun = await begin(platform, workerId);
  const child = await trigger(platform, "hello", {
    parentRunId: parent,
    resumeParentOnCompletion: true,
  });
  expect(engine.runs.find(parent)?.snapshot.executionStatus).toBe("EXECUTING_WITH_WAITPOINTS");
  await complete(platform, await begin(platform, workerId), failure("The child fails."));
  const { execution } = await ask(platform, worker.WorkloadRunLatestSnapshotResponseBody, [
    "GET",
    `/engine/v1/dev/runs/${parent}/snapshots/latest`,
  ]);
  expect(execution).toMatchObject({
    snapshot: { executionStatus: "EXECUTING" },
    completedWaitpoints: [
      {
        type: "RUN",
        outputIsError: true,
        output: expect.stringContaining("The child fails."),
        completedByTaskRun: { friendlyId: child },
      },
    ],
  });
  expect(notified).toEqual([parent]);
  // The worker may not have seen the newest snapshot yet.
  expect(await complete(platform, begun, SUCCESS)).toBe("RUN_FINISHED");
});

test("canceling reaches the children, and holds the slot until the worker has let go", async () => {
  await using platform = await memoryPlatform({ concurrencyLimit: 1 });
  const { engine } = platform;
  const { id: workerId } = registerTasks(engine, [{ id: "hello" }]);
  const parent = await trigger(platform);
  const begun = await begin(platform, workerId);
  const child = await trigger(platform, "hello", { parentRunId: parent });
  await ask(platform, answers.CanceledRunResponse, ["POST", `/api/v2/runs/${parent}/cancel`]);
  const status = (id: string) => {
    const run = engine.runs.find(id)!;
    return [run.status, run.snapshot.executionStatus];
  };
  expect(status(parent)).toEqual(["CANCELED", "PENDING_CANCEL"]);
  expect(status(child)).toEqual(["CANCELED", "FINISHED"]);
  expect(await complete(platform, begun, failure("canceled"))).toBe("RUN_FINISHED");
  expect(status(parent)).toEqual(["CANCELED", "FINISHED"]);
});

test("tokens, pauses and sessions are answered as the SDK reads them", async () => {
  await using platform = await memoryPlatform();
  const { id: workerId } = registerTasks(platform.engine, [{ id: "hello" }]);
  const id = await trigger(platform);
  await begin(platform, workerId);
  const token = await ask(platform, answers.CreateWaitpointTokenResponseBody, [
    "POST",
    "/api/v1/waitpoints/tokens",
    { timeout: "1h", idempotencyKey: "key", tags: ["t"] },
  ]);
  const again = await ask(platform, answers.CreateWaitpointTokenResponseBody, [
    "POST",
    "/api/v1/waitpoints/tokens",
    { timeout: "1h", idempotencyKey: "key" },
  ]);
  expect(again).toMatchObject({ id: token.id, isCached: true });
  await ask(platform, answers.WaitForWaitpointTokenResponseBody, [
    "POST",
    `/engine/v1/runs/${id}/waitpoints/tokens/${token.id}/wait`,
  ]);
  await ask(platform, answers.CompleteWaitpointTokenResponseBody, [
    "POST",
    `/api/v1/waitpoints/tokens/${token.id}/complete`,
    { data: { answer: 42 } },
  ]);
  const retrieved = await ask(platform, answers.WaitpointRetrieveTokenResponse, [
    "GET",
    `/api/v1/waitpoints/tokens/${token.id}`,
  ]);
  expect(retrieved).toMatchObject({ status: "COMPLETED", tags: ["t"] });
  await ask(platform, answers.WaitForDurationResponseBody, [
    "POST",
    `/engine/v1/runs/${id}/wait/duration`,
    { date: new Date() },
  ]);
  const session = await ask(platform, answers.CreatedSessionResponseBody, [
    "POST",
    "/api/v1/sessions",
    { type: "t", externalId: "mine", taskIdentifier: "hello", triggerConfig: { basePayload: {} } },
  ]);
  expect(session).toMatchObject({ externalId: "mine", isCached: false });
  await ask(platform, answers.RetrieveSessionResponseBody, ["GET", "/api/v1/sessions/mine"]);
  const list = await ask(platform, answers.ListSessionsResponseBody, [
    "GET",
    "/api/v1/sessions?filter[status]=ACTIVE&filter[type]=t",
  ]);
  expect(list.data).toHaveLength(1);
  await ask(platform, answers.AppendToStreamResponseBody, [
    "POST",
    "/realtime/v1/sessions/mine/in/append",
    { text: "hello" },
  ]);
  const { records } = await ask(platform, answers.ReadSessionStreamRecordsResponseBody, [
    "GET",
    "/realtime/v1/sessions/mine/in/records",
  ]);
  expect(records).toMatchObject([{ seqNum: 0, data: '{"text":"hello"}' }]);
  await ask(platform, answers.AppendToStreamResponseBody, [
    "POST",
    "/realtime/v1/sessions/mine/channels/side/in/append",
    { text: "aside" },
  ]);
  const side = await ask(platform, answers.ReadSessionStreamRecordsResponseBody, [
    "GET",
    "/realtime/v1/sessions/mine/channels/side/in/records?afterEventId=-1",
  ]);
  expect(side.records).toMatchObject([{ seqNum: 0, data: '{"text":"aside"}' }]);
});

test("answers nobody without a key, and a public token only what its scopes allow", async () => {
  await using platform = await memoryPlatform();
  const id = await trigger(platform);
  const other = await trigger(platform);
  const as = async (token: string, path: string, method = "GET") => {
    const headers = { authorization: `Bearer ${token}` };
    return (await platform.ask(path, { method, headers })).status;
  };
  expect(await as("", `/api/v3/runs/${id}`)).toBe(401);
  expect(await as(`${platform.keys.secretKey}x`, `/api/v3/runs/${id}`)).toBe(401);
  const payload = { sub: "env_local", pub: true, scopes: [`read:runs:${id}`] };
  const token = await generateJWT({ secretKey: platform.keys.secretKey, payload });
  expect(await as(token, `/api/v3/runs/${id}`)).toBe(200);
  expect(await as(token, `/realtime/v1/runs/${id}?offset=-1`)).toBe(200);
  expect(await as(token, `/api/v3/runs/${other}`)).toBe(403);
  expect(await as(token, `/api/v2/runs/${id}/cancel`, "POST")).toBe(403);
  expect(await as(token, "/api/v2/whoami")).toBe(403);
  const foreign = await generateJWT({ secretKey: "tr_dev_another", payload });
  expect(await as(foreign, `/api/v3/runs/${id}`)).toBe(401);
});

test("a token's own address completes it without a key, another does not", async () => {
  await using platform = await memoryPlatform();
  const token = await ask(platform, answers.CreateWaitpointTokenResponseBody, [
    "POST",
    "/api/v1/waitpoints/tokens",
    {},
  ]);
  const { pathname } = new URL(token.url);
  const post = async (path: string) =>
    (await platform.ask(path, { method: "POST", body: "{}", headers: { authorization: "" } }))
      .status;
  expect(await post(pathname.replace(/.$/, "x"))).toBe(401);
  expect(await post(pathname)).toBe(200);
  expect(platform.engine.waitpoints.find(token.id)?.pending).toBe(false);
});

test("says what is wrong with a request", async () => {
  await using platform = await memoryPlatform();
  const post = async (path: string, body: string) => {
    const answer = await platform.ask(path, { method: "POST", body });
    const { error }: { error: string } = JSON.parse(await answer.text());
    return [answer.status, error];
  };
  expect(await post("/api/v1/tasks/hello/trigger", "{")).toEqual([
    400,
    "The request's body is not JSON.",
  ]);
  expect(await post("/api/v1/tasks/hello/trigger", '{"options":{"machine":"huge"}}')).toEqual([
    400,
    expect.stringContaining("options.machine"),
  ]);
  expect(await post("/api/v1/tasks/hello/trigger", '{"options":{"delay":"soon"}}')).toEqual([
    400,
    'delay is "soon", which is neither a duration such as "10m" nor a date.',
  ]);
  expect(await post("/api/v1/tasks/hello/trigger", '{"options":{"ttl":"soon"}}')).toEqual([
    400,
    expect.stringContaining('ttl is "soon"'),
  ]);
  expect(await post("/api/v1/tasks/hello/trigger", '{"options":{"metadata":"text"}}')).toEqual([
    400,
    "metadata is no object. Leave it out, or give an object.",
  ]);
  expect(await post("/api/v2/runs/run_none/cancel", "")).toEqual([404, "Run run_none not found"]);
  expect(await post("/api/v9/unknown", "")).toEqual([
    404,
    "The local platform does not know POST /api/v9/unknown.",
  ]);
});
