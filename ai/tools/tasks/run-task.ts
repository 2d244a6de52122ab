import type {
  CommandRecord,
  OperationName,
  OperationPayloadInput,
  OperationResult,
  OperationSuccess,
} from "sandlot/contract";
import { runOperation } from "../../../trigger/run-operation.ts";
import { StudioError, type StudioFaultCode } from "../../../studio/contract/errors.ts";
import { commandUnknown, sandboxGone } from "../not-found.ts";

export interface TaskOptions {
  /** When aborted, the run is cancelled, and with it its command. */
  signal?: AbortSignal | undefined;
  /** Told the run's id as soon as there is one. */
  onRun: (runId: string) => void;
  onOutput?: (record: CommandRecord) => void;
}

/** Runs an operation as a task. What the task returns as a failure is thrown, in words for the model. */
export async function runTask<Name extends OperationName>(
  name: Name,
  payload: OperationPayloadInput<Name>,
  options: TaskOptions,
): Promise<OperationSuccess<Name>> {
  const result = await resultOf(name, payload, options);
  if (result.ok) return result as OperationSuccess<Name>;
  const { code, message } = result.error;
  if (code === "sandbox_not_found") throw sandboxGone(result.error);
  if (code === "command_not_found" && "commandId" in payload) {
    throw commandUnknown(payload.commandId, result.error);
  }
  throw new StudioError(CODES[code] ?? "upstream", message, { cause: result.error });
}

async function resultOf<Name extends OperationName>(
  name: Name,
  payload: OperationPayloadInput<Name>,
  { signal, onRun, onOutput }: TaskOptions,
): Promise<OperationResult<Name>> {
  try {
    const { result } = await runOperation(name, payload, {
      onRun,
      ...(signal && { signal }),
      ...(onOutput && { onOutput }),
    });
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StudioError(
      "upstream",
      `Trigger.dev did not run the task ${name}: ${reason.replace(/\.$/, "")}. See that TRIGGER_API_URL and TRIGGER_SECRET_KEY are right and that a worker runs (npm run trigger:local), or start the studio without SANDLOT_TASKS.`,
      { cause: error },
    );
  }
}

/** Codes of operations that the studio has one of its own for. */
const CODES: Readonly<Partial<Record<string, StudioFaultCode>>> = {
  invalid_request: "bad_request",
  file_not_found: "file_not_found",
  sandbox_stopped: "sandbox_stopped",
};
