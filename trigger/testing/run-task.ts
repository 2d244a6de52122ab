import { type MockTaskContextOptions, runInMockTaskContext } from "@trigger.dev/core/v3/test";
import { StandardResourceCatalog } from "@trigger.dev/core/v3/workers";
import { metadata } from "@trigger.dev/sdk";
import { resourceCatalog } from "@trigger.dev/core/v3";
import type { CommandRecord, OperationName, OperationResult } from "sandlot/contract";

interface RunOptions {
  signal?: AbortSignal;
  /** What an earlier attempt of the run left. */
  metadata?: Record<string, string | null | { commandId: string | null }>;
  ctx?: MockTaskContextOptions["ctx"];
  /** Told each record of the run's stream when it is written. */
  onRecord?: (record: CommandRecord) => void;
}

/** What a task gave, and what it wrote on the way. */
export interface TaskRun<Name extends OperationName> {
  result: OperationResult<Name>;
  records: CommandRecord[];
  metadata: Record<string, unknown>;
}

const registered = register();

/** Runs a task as a worker does, with the platform's own stand-ins for streams and metadata, in milliseconds. */
export async function runTask<Name extends OperationName>(
  name: Name,
  payload: unknown,
  options: RunOptions = {},
): Promise<TaskRun<Name>> {
  await registered;
  const task = resourceCatalog.getTask(name);
  if (!task) throw new Error(`there is no task ${name}`);
  const { signal = new AbortController().signal, onRecord } = options;
  return runInMockTaskContext(
    async ({ outputs, ctx }) => {
      for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
      if (onRecord) outputs.onWrite((_, chunk) => onRecord(chunk as CommandRecord));
      const result = (await task.fns.run(payload, {
        ctx,
        signal,
      } as Parameters<typeof task.fns.run>[1])) as OperationResult<Name>;
      return {
        result,
        records: outputs.chunks<CommandRecord>("command-output"),
        metadata: metadata.current() ?? {},
      };
    },
    { ctx: { run: { id: "run_test", tags: ["sandbox:box"] }, ...options.ctx } },
  );
}

/** Ids of all tasks that this repository has, as a worker finds them. */
export async function taskIds(): Promise<string[]> {
  await registered;
  return resourceCatalog.listTaskManifests().map(({ id }) => id);
}

/** Tasks register themselves when their files are loaded, with whatever catalogue is there then. */
async function register(): Promise<void> {
  resourceCatalog.setGlobalResourceCatalog(new StandardResourceCatalog());
  resourceCatalog.setCurrentFileContext("trigger/index.ts", "trigger/index.ts");
  await import("../index.ts");
}
