import { DevDequeueRequestBody, DevDisconnectRequestBody } from "@trigger.dev/core/v3";
import { WorkloadRunAttemptCompleteRequestBody } from "@trigger.dev/core/v3/workers";
import { Hono } from "hono";
import { completeAttempt, startAttempt } from "../engine/attempts.ts";
import { dequeueRuns } from "../engine/dequeue.ts";
import { loseRun, watchWorker } from "../engine/liveness.ts";
import { found } from "../engine/request-error.ts";
import { IDENTITY } from "../protocol/identity.ts";
import {
  dequeuedMessage,
  executionData,
  executionResult,
  taskExecution,
} from "../protocol/worker-answers.ts";
import { workerVariables } from "../protocol/worker-variables.ts";
import type { Run } from "../store/run.ts";
import { readBody } from "./body.ts";
import type { Platform } from "./context.ts";
import { eventResponse } from "./event-response.ts";

// The first dequeue waits for the first worker; each later one is answered when there is something.
const DEQUEUE_PAUSE_MS = 50;
// The slots are ours to give: the CLI shall never be what holds a run up.
const CLI_CONCURRENCY = 10_000;
const PRESENCE_PING_MS = 15_000;

/** What `trigger dev` asks while it runs tasks. */
export function devRoutes(platform: Platform): Hono {
  const { engine, presence, url, ending } = platform;
  const app = new Hono().basePath("/engine/v1/dev");
  const runOf = (id: string): Run => {
    presence.heard(id);
    return found(engine.runs.find(id), `Run ${id}`);
  };

  app.get("/config", (c) =>
    c.json({
      environmentId: IDENTITY.environment.id,
      dequeueIntervalWithRun: 0,
      dequeueIntervalWithoutRun: DEQUEUE_PAUSE_MS,
      maxConcurrentRuns: CLI_CONCURRENCY,
      engineUrl: url(),
    }),
  );

  app.get("/presence", (c) => {
    const signal = AbortSignal.any([c.req.raw.signal, ending]);
    async function* events(): AsyncGenerator<string> {
      const disconnect = presence.connect();
      try {
        while (!signal.aborted) {
          yield "event: presence\ndata: {}\n\n";
          await engine.changes.next("presence", { timeoutMs: PRESENCE_PING_MS, signal });
        }
      } finally {
        disconnect();
      }
    }
    return eventResponse(events(), { signal });
  });

  app.post("/dequeue", async (c) => {
    const { currentWorker } = await readBody(c.req.raw, DevDequeueRequestBody);
    const signal = AbortSignal.any([c.req.raw.signal, ending]);
    const dequeued = await dequeueRuns(engine, currentWorker, signal);
    return c.json({ dequeuedMessages: dequeued.map(dequeuedMessage) });
  });

  app.post("/disconnect", async (c) => {
    const { runFriendlyIds } = await readBody(c.req.raw, DevDisconnectRequestBody);
    const runs = runFriendlyIds
      .map((id) => engine.runs.find(id))
      .filter((run) => run !== undefined);
    for (const run of runs) loseRun(engine, run, "`trigger dev` was killed.");
    return c.json({ cancelled: runs.length });
  });

  app.post("/runs/:run/logs/debug", (c) => c.json({}));

  app.get("/runs/:run/snapshots/latest", (c) =>
    c.json({ execution: executionData(runOf(c.req.param("run"))) }),
  );

  app.post("/runs/:run/snapshots/:snapshot/heartbeat", (c) => {
    watchWorker(engine, runOf(c.req.param("run")));
    return c.json({ ok: true });
  });

  app.post("/runs/:run/snapshots/:snapshot/attempts/start", (c) => {
    const run = runOf(c.req.param("run"));
    startAttempt(engine, run, c.req.param("snapshot"));
    return c.json({
      ...executionResult(run),
      execution: taskExecution(engine, run),
      envVars: workerVariables(url()),
    });
  });

  app.post("/runs/:run/snapshots/:snapshot/attempts/complete", async (c) => {
    const { completion } = await readBody(c.req.raw, WorkloadRunAttemptCompleteRequestBody);
    const run = runOf(c.req.param("run"));
    const snapshotId = c.req.param("snapshot");
    const attemptStatus = completeAttempt(engine, run, { snapshotId, completion });
    return c.json({ result: { attemptStatus, ...executionResult(run) } });
  });
  return app;
}
