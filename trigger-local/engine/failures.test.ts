import type { TaskRunError, TaskRunFailedExecutionResult } from "@trigger.dev/core/v3";
import { expect, test } from "vitest";
import { memoryPlatform, registerTasks } from "../testing/memory-platform.ts";
import { retryOf, statusOfError } from "./failures.ts";
import { triggerRun } from "./trigger-run.ts";

const THROWN: TaskRunError = {
  type: "BUILT_IN_ERROR",
  name: "Error",
  message: "no",
  stackTrace: "",
};

function internal(
  code: Extract<TaskRunError, { type: "INTERNAL_ERROR" }>["code"],
  message?: string,
): TaskRunError {
  return { type: "INTERNAL_ERROR", code, ...(message !== undefined && { message }) };
}

const KILLED = internal(
  "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE",
  "Process exited with code -1 after signal SIGKILL.",
);
const EXITED = internal("TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE", "Process exited with code 3.");

test.for<[TaskRunError, string]>([
  [THROWN, "COMPLETED_WITH_ERRORS"],
  [internal("TASK_INPUT_ERROR"), "COMPLETED_WITH_ERRORS"],
  [internal("TASK_RUN_CANCELLED"), "CANCELED"],
  [internal("MAX_DURATION_EXCEEDED"), "TIMED_OUT"],
  [EXITED, "CRASHED"],
  [internal("TASK_RUN_STALLED_EXECUTING"), "CANCELED"],
  [internal("COULD_NOT_FIND_EXECUTOR"), "SYSTEM_FAILURE"],
])("gives a run the status of what went wrong: %j", ([error, status]) => {
  expect(statusOfError(error)).toBe(status);
});

const RETRY = {
  maxAttempts: 3,
  minTimeoutInMs: 100,
  maxTimeoutInMs: 100,
  factor: 1,
  randomize: false,
};
const AGAIN = { timestamp: 0, delay: 7 };

interface Case {
  when: string;
  attempt: number;
  completion: Pick<TaskRunFailedExecutionResult, "error"> & Partial<TaskRunFailedExecutionResult>;
  retry: ReturnType<typeof retryOf>;
}

test.for<Case>([
  {
    when: "again as the worker said",
    attempt: 1,
    completion: { error: THROWN, retry: AGAIN },
    retry: { delayMs: 7 },
  },
  {
    when: "not when the worker did not",
    attempt: 1,
    completion: { error: THROWN },
    retry: undefined,
  },
  {
    when: "not after the last attempt",
    attempt: 3,
    completion: { error: THROWN, retry: AGAIN },
    retry: undefined,
  },
  {
    when: "not when the task said so",
    attempt: 1,
    completion: { error: THROWN, retry: AGAIN, skippedRetrying: true },
    retry: undefined,
  },
  {
    when: "as the task is declared when its process died",
    attempt: 1,
    completion: { error: EXITED },
    retry: { delayMs: 100 },
  },
  {
    when: "on the larger machine when it was killed as if for its memory",
    attempt: 1,
    completion: { error: KILLED },
    retry: { delayMs: 0, machine: "large-1x" },
  },
])("tries a failed run $when", async ({ attempt, completion, retry }) => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const worker = registerTasks(engine, [
    { id: "task", retry: { ...RETRY, outOfMemory: { machine: "large-1x" } } },
  ]);
  const { run } = triggerRun(engine, { task: "task", body: {} });
  run.attempt = attempt;
  expect(retryOf(run, { ok: false, id: run.id, ...completion }, worker)).toEqual(retry);
});

test("a run that was killed as if for its memory fails when no larger machine is declared", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const worker = registerTasks(engine, [{ id: "task", retry: RETRY }]);
  const { run } = triggerRun(engine, { task: "task", body: {} });
  run.attempt = 1;
  expect(retryOf(run, { ok: false, id: run.id, error: KILLED }, worker)).toBeUndefined();
});
