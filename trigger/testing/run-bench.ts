import { fileURLToPath } from "node:url";
import {
  type BenchOptions,
  type PlatformBench,
  startBench,
} from "../../trigger-local/testing/platform-bench.ts";
import { useBench } from "../../trigger-local/testing/sdk-client.ts";
import { processesNaming } from "./processes.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** The local platform with the real CLI and this repository's tasks, and the SDK of this process pointed at it. */
export interface RunBench extends AsyncDisposable {
  platform: PlatformBench;
  /** Where trigger.config.ts lies. */
  project: string;
  /** Ends the processes in which tasks run by that signal, as a crash does; all of them but those that are spared. */
  killWorkers(signal: NodeJS.Signals, spared?: readonly number[]): void;
}

/** Starts it with what this process has in its environment now. Everything is gone when it is disposed of. */
export async function startRunBench(
  environment: Record<string, string> = {},
  engine: NonNullable<BenchOptions["engine"]> = {},
): Promise<RunBench> {
  const platform = await startBench({ projectDirectory: PROJECT, environment, engine });
  useBench(platform);
  return {
    platform,
    project: PROJECT,
    killWorkers(signal, spared = []) {
      for (const pid of workersOf(platform)) {
        if (!spared.includes(pid)) process.kill(pid, signal);
      }
    },
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}

/** Processes in which tasks run, known by the platform that they were given. */
function workersOf({ env }: PlatformBench): number[] {
  return processesNaming(env.TRIGGER_API_URL)
    .filter(({ commandLine }) => commandLine.includes("run-worker"))
    .map(({ pid }) => pid);
}
