import {
  calculateNextRetryDelay,
  isManualOutOfMemoryError,
  isOOMRunError,
  shouldLookupRetrySettings,
  shouldRetryError,
  type TaskRunError,
  taskRunErrorEnhancer,
  type TaskRunFailedExecutionResult,
} from "@trigger.dev/core/v3";
import type { Run } from "../store/run.ts";
import type { Worker } from "../store/worker-store.ts";

type InternalCode = Extract<TaskRunError, { type: "INTERNAL_ERROR" }>["code"];

/** The last status of a run in a development environment, by what went wrong outside its own code. */
const STATUS_OF_CODE: Partial<Record<InternalCode, Run["status"]>> = {
  TASK_RUN_CANCELLED: "CANCELED",
  // In development a worker falls silent when somebody closed the laptop or the terminal.
  TASK_RUN_STALLED_EXECUTING: "CANCELED",
  TASK_RUN_STALLED_EXECUTING_WITH_WAITPOINTS: "CANCELED",
  MAX_DURATION_EXCEEDED: "TIMED_OUT",
  // What the task, or who triggered it, got wrong.
  TASK_INPUT_ERROR: "COMPLETED_WITH_ERRORS",
  TASK_OUTPUT_ERROR: "COMPLETED_WITH_ERRORS",
  TASK_MIDDLEWARE_ERROR: "COMPLETED_WITH_ERRORS",
  HANDLE_ERROR_ERROR: "COMPLETED_WITH_ERRORS",
  RECURSIVE_WAIT_DEADLOCK: "COMPLETED_WITH_ERRORS",
  BATCH_ITEM_COULD_NOT_TRIGGER: "COMPLETED_WITH_ERRORS",
  PAYLOAD_TOO_LARGE: "COMPLETED_WITH_ERRORS",
  UNSPECIFIED_ERROR: "COMPLETED_WITH_ERRORS",
  // Its process is gone, or had to go.
  TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE: "CRASHED",
  TASK_PROCESS_SIGKILL_TIMEOUT: "CRASHED",
  TASK_PROCESS_SIGSEGV: "CRASHED",
  TASK_PROCESS_SIGTERM: "CRASHED",
  TASK_PROCESS_OOM_KILLED: "CRASHED",
  TASK_PROCESS_MAYBE_OOM_KILLED: "CRASHED",
  TASK_RUN_CRASHED: "CRASHED",
  TASK_RUN_UNCAUGHT_EXCEPTION: "CRASHED",
  TASK_RUN_HEARTBEAT_TIMEOUT: "CRASHED",
  TASK_ALREADY_RUNNING: "CRASHED",
  TASK_DID_CONCURRENT_WAIT: "CRASHED",
  DISK_SPACE_EXCEEDED: "CRASHED",
  OUTDATED_SDK_VERSION: "CRASHED",
};

/** Which last status an error gives a run. What the task itself threw is a failure; the platform's own are told apart. */
export function statusOfError(error: TaskRunError): Run["status"] {
  if (error.type !== "INTERNAL_ERROR") return "COMPLETED_WITH_ERRORS";
  return STATUS_OF_CODE[error.code] ?? "SYSTEM_FAILURE";
}

/** How a failed run is tried again. */
export interface Retry {
  delayMs: number;
  /** A larger machine, for a run that has run out of memory. */
  machine?: Run["machine"];
}

/** Whether, and how, a failed run is tried again; undefined when it is not. */
export function retryOf(
  run: Run,
  { error, retry, skippedRetrying }: TaskRunFailedExecutionResult,
  worker: Worker | undefined,
): Retry | undefined {
  const settings = worker?.metadata.tasks.find(({ id }) => id === run.task)?.retry;
  const maxAttempts = run.maxAttempts ?? settings?.maxAttempts;
  if (skippedRetrying || (maxAttempts !== undefined && run.attempt >= maxAttempts))
    return undefined;
  // Killed as if for its memory, so the same machine would do it again.
  if (isOOMRunError(error) || isManualOutOfMemoryError(error)) {
    const machine = settings?.outOfMemory?.machine;
    return machine && machine !== run.machine ? { delayMs: 0, machine } : undefined;
  }
  const cause = taskRunErrorEnhancer(error);
  if (!shouldRetryError(cause)) return undefined;
  if (retry) return { delayMs: retry.delay };
  // A process that died could not say how its run is to be tried again.
  if (!settings || !shouldLookupRetrySettings(cause)) return undefined;
  const delayMs = calculateNextRetryDelay({ ...settings, maxAttempts }, run.attempt);
  return delayMs === undefined ? undefined : { delayMs };
}
