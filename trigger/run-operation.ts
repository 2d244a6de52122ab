import { runs, tasks } from "@trigger.dev/sdk";
import {
  type CommandRecord,
  type OperationName,
  type OperationPayloadInput,
  OPERATIONS,
  type OperationResult,
  sandboxTag,
} from "sandlot/contract";
import { readCommandOutput } from "./read-command-output.ts";

interface RunOptions {
  /** Cancels the run, and with it its command. */
  signal?: AbortSignal;
  /** Told the run's id as soon as there is one. */
  onRun?: (runId: string) => void;
  /** Told each record of a command's output as it comes. Only execute-command has any. */
  onOutput?: (record: CommandRecord) => void;
  /** The same key gives the same run, and so the same work only once. */
  idempotencyKey?: string;
}

/** What came of an operation that was run as a task. */
export interface OperationRun<Name extends OperationName> {
  runId: string;
  result: OperationResult<Name>;
}

/**
 * Runs an operation as a task of Trigger.dev's and waits for its result, which may be a failure. Needs
 * TRIGGER_SECRET_KEY and, for another server than the cloud, TRIGGER_API_URL. Throws when the platform cannot be
 * reached or the run itself fails, and the signal's reason when aborted.
 */
export async function runOperation<Name extends OperationName>(
  name: Name,
  payload: OperationPayloadInput<Name>,
  { signal, onRun, onOutput, idempotencyKey }: RunOptions = {},
): Promise<OperationRun<Name>> {
  signal?.throwIfAborted();
  const { sandboxId } = payload;
  const { id: runId } = await tasks.trigger(name, payload, {
    ...(sandboxId !== undefined && { tags: [sandboxTag(sandboxId)] }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
  onRun?.(runId);
  const cancel = (): void => void runs.cancel(runId).catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  const left = new AbortController();
  try {
    if (signal?.aborted) cancel();
    const [output] = await Promise.all([
      finished(runId, signal),
      onOutput && name === "execute-command" && tell(runId, onOutput, left.signal),
    ]);
    return { runId, result: OPERATIONS[name].result.parse(output) as OperationResult<Name> };
  } finally {
    left.abort();
    signal?.removeEventListener("abort", cancel);
  }
}

/** The run's output, once it is over. */
async function finished(runId: string, signal: AbortSignal | undefined): Promise<unknown> {
  for await (const run of runs.subscribeToRun(runId)) {
    // Not `isCompleted`: a cancelled run never is.
    if (!run.finishedAt) continue;
    signal?.throwIfAborted();
    if (run.isSuccess) return run.output;
    const reason = run.error ? `: ${run.error.message}` : "";
    throw new Error(`The run ${runId} of ${run.taskIdentifier} ended as ${run.status}${reason}`);
  }
  throw new Error(`The run ${runId} was watched, but the platform stopped telling of it.`);
}

async function tell(
  runId: string,
  onOutput: (record: CommandRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const record of readCommandOutput(runId, { signal })) onOutput(record);
}
