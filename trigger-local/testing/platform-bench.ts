import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { Cleanup } from "../../lib/std/cleanup.ts";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { type DevCli, startDevCli } from "../cli/dev-cli.ts";
import type { EngineOptions } from "../engine/options.ts";
import { type RunningPlatform, startPlatform } from "../platform.ts";
import { nextWorker } from "./next-worker.ts";

/** What a hook that starts or ends a bench may take: the CLI bundles the project and starts it once to index it. */
export const BENCH_START_MS = 120_000;

export interface BenchOptions {
  /** Where the trigger.config.ts of the tasks lies. */
  projectDirectory: string;
  /** What the workers find in their environment, besides what this process has. */
  environment?: Record<string, string>;
  engine?: Partial<EngineOptions>;
}

/** A platform of its own with the real CLI and its workers. */
export interface PlatformBench extends AsyncDisposable {
  /** What a program's environment needs for the SDK to come here. */
  readonly env: { TRIGGER_API_URL: string; TRIGGER_SECRET_KEY: string };
  /** What the CLI was told as its branch: its files in the project's folder bear it. */
  readonly branch: string;
  /** Changes with `restartPlatform`. */
  readonly platform: RunningPlatform;
  /** Changes with `restartWorker`. */
  readonly cli: DevCli;
  /** All that the CLI has said. */
  readonly log: () => string;
  /** Ends the CLI and its workers, and starts another; resolves when that has registered. */
  restartWorker(): Promise<void>;
  /** Ends the platform and starts it again on the same port, with the same state. The CLI stays. */
  restartPlatform(): Promise<void>;
}

/**
 * Starts the platform with a temporary state folder and the real CLI with an empty home; resolves when the tasks are
 * registered. Everything is gone at the end. Throws with what the CLI has said when it ends before that.
 */
export async function startBench(options: BenchOptions): Promise<PlatformBench> {
  const cleanup = new Cleanup();
  try {
    return await openBench(options, cleanup);
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

async function openBench(options: BenchOptions, cleanup: Cleanup): Promise<PlatformBench> {
  const { projectDirectory } = options;
  const directory = await temporaryDirectory();
  cleanup.add(() => directory[Symbol.asyncDispose]());
  const home = join(directory.path, "home");
  await mkdir(home);
  const stateFolder = join(directory.path, "state");
  // Several benches may use one project at once.
  const branch = `bench-${randomBytes(4).toString("hex")}`;
  const said: string[] = [];
  const engine = options.engine ?? {};
  let platform = await startPlatform({ stateFolder, engine });
  cleanup.add(() => platform[Symbol.asyncDispose]());
  const port = Number(new URL(platform.url).port);
  const startCli = async () => {
    const cli = startDevCli({
      projectDirectory,
      configFolder: join(home, ".config"),
      branch,
      apiUrl: platform.url,
      accessToken: platform.keys.accessToken,
      environment: { ...process.env, HOME: home, ...options.environment },
      onOutput: (text) => said.push(text),
    });
    await nextWorker(platform, cli, () => said.join(""));
    return cli;
  };
  let cli = await startCli();
  cleanup.add(() => cli[Symbol.asyncDispose]());
  return {
    env: { TRIGGER_API_URL: platform.url, TRIGGER_SECRET_KEY: platform.keys.secretKey },
    branch,
    get platform() {
      return platform;
    },
    get cli() {
      return cli;
    },
    log: () => said.join(""),
    async restartWorker() {
      await cli[Symbol.asyncDispose]();
      cli = await startCli();
    },
    async restartPlatform() {
      await platform[Symbol.asyncDispose]();
      platform = await startPlatform({ stateFolder, port, engine });
    },
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}
