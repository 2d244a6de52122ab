import { generateFriendlyId } from "@trigger.dev/core/v3/isomorphic";
import type { CompletedWaitpoint } from "@trigger.dev/core/v3";
import { timeoutError } from "@trigger.dev/core/v3";
import { type Block, isFinal, isOver, type Run } from "../store/run.ts";
import type { Waitpoint } from "../store/waitpoint-store.ts";
import type { Engine } from "./engine.ts";

/** Makes a waitpoint; with `dueAt` it ends by itself: a pause well, a token as timed out. */
export function createWaitpoint(
  engine: Engine,
  fields: Pick<Waitpoint, "type"> & Partial<Waitpoint>,
): Waitpoint {
  const waitpoint: Waitpoint = {
    id: generateFriendlyId("waitpoint"),
    pending: true,
    createdAt: Date.now(),
    outputIsError: false,
    tags: [],
    ...fields,
  };
  engine.waitpoints.save(waitpoint);
  armWaitpoint(engine, waitpoint);
  return waitpoint;
}

/** Sets the alarm of a waitpoint that has a time. */
export function armWaitpoint(engine: Engine, { id, type, dueAt }: Waitpoint): void {
  if (dueAt === undefined) return;
  engine.alarms.set(`waitpoint:${id}`, dueAt, () =>
    completeWaitpoint(
      engine,
      id,
      type === "DATETIME"
        ? {}
        : {
            output: JSON.stringify(timeoutError(new Date(dueAt))),
            outputType: "application/json",
            outputIsError: true,
          },
    ),
  );
}

/** Ends a waitpoint, once, and lets go on which runs waited for nothing but it. Whether it was still open. */
export function completeWaitpoint(
  engine: Engine,
  id: string,
  result: Partial<Pick<Waitpoint, "output" | "outputType" | "outputIsError">>,
): boolean {
  const waitpoint = engine.waitpoints.find(id);
  if (!waitpoint?.pending) return false;
  Object.assign(waitpoint, result, { pending: false, completedAt: Date.now() });
  engine.waitpoints.save(waitpoint);
  engine.alarms.clear(`waitpoint:${id}`);
  for (const run of engine.runs.unfinished()) {
    if (run.blocks.some(({ waitpointId }) => waitpointId === id)) continueRun(engine, run);
  }
  return true;
}

/** Holds the run up until all the waitpoints are complete, also those that hold it up already. */
export function blockRun(engine: Engine, run: Run, blocks: Block[]): void {
  if (isFinal(run) || isOver(run)) return;
  run.blocks.push(...blocks);
  if (run.snapshot.executionStatus === "EXECUTING") {
    engine.enter(run, "EXECUTING_WITH_WAITPOINTS", "Run was blocked by a waitpoint.");
  }
  engine.runs.save(run);
  continueRun(engine, run);
}

/** Lets a run go on that waits for nothing any more; its worker gets what it waited for. */
function continueRun(engine: Engine, run: Run): void {
  if (run.snapshot.executionStatus !== "EXECUTING_WITH_WAITPOINTS") return;
  const completed: CompletedWaitpoint[] = [];
  for (const { waitpointId, batch } of run.blocks) {
    const waitpoint = engine.waitpoints.find(waitpointId);
    if (!waitpoint || waitpoint.pending) return;
    completed.push(toCompleted(waitpoint, batch));
  }
  run.blocks = [];
  run.completedWaitpoints = completed;
  engine.enter(run, "EXECUTING", "Run was continued, what it waited for is complete.");
  engine.runs.save(run);
  engine.notify(run.id);
}

function toCompleted(waitpoint: Waitpoint, batch: Block["batch"]): CompletedWaitpoint {
  const { id, type, output, outputType, outputIsError, dueAt, runId } = waitpoint;
  return {
    id,
    friendlyId: id,
    type,
    completedAt: new Date(waitpoint.completedAt ?? Date.now()),
    outputIsError,
    ...(batch && { index: batch.index }),
    ...(output !== undefined && { output }),
    ...(outputType !== undefined && { outputType }),
    ...(type === "DATETIME" && dueAt !== undefined && { completedAfter: new Date(dueAt) }),
    ...(runId !== undefined && {
      completedByTaskRun: {
        id: runId,
        friendlyId: runId,
        ...(batch && { batch: { id: batch.id, friendlyId: batch.id } }),
      },
    }),
  };
}
