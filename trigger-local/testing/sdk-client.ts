import { configure, runs, streams } from "@trigger.dev/sdk";
import type { PlatformBench } from "./platform-bench.ts";

/** Points the SDK in this process at the bench. */
export function useBench({ env }: PlatformBench): void {
  configure({ baseURL: env.TRIGGER_API_URL, accessToken: env.TRIGGER_SECRET_KEY });
  // Some of the SDK looks nowhere else.
  Object.assign(process.env, env);
}

/** The run when it is over, as `runs.retrieve` gives it. It is told of each change: nothing is polled. */
export async function finished(runId: string) {
  for await (const run of runs.subscribeToRun(runId)) {
    if (run.finishedAt !== undefined) break;
  }
  return runs.retrieve(runId);
}

/** The first records of a run's stream, from an index on; fewer when nothing more comes for 30 seconds. */
export async function firstRecords<Record>(
  runId: string,
  { count, startIndex = 0 }: { count: number; startIndex?: number },
): Promise<Record[]> {
  const records: Record[] = [];
  const stream = await streams.read<Record>(runId, "output", { startIndex, timeoutInSeconds: 30 });
  for await (const record of stream) {
    records.push(record);
    if (records.length === count) break;
  }
  return records;
}
