import { Engine } from "../engine/engine.ts";
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from "../engine/options.ts";
import { Presence } from "../engine/presence.ts";
import { createApp } from "../http/app.ts";
import type { Platform } from "../http/context.ts";
import { Packets } from "../http/packets.ts";
import type { Worker } from "../store/worker-store.ts";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";

type Task = Worker["metadata"]["tasks"][number];

/** A platform that listens nowhere and keeps its runs in memory. */
export interface MemoryPlatform extends Platform, AsyncDisposable {
  /** Asks its API, with the secret key. */
  ask: (path: string, init?: RequestInit & { body?: string }) => Promise<Response>;
}

export async function memoryPlatform(
  options: Partial<EngineOptions> = {},
): Promise<MemoryPlatform> {
  const directory = await temporaryDirectory();
  const engine = new Engine(":memory:", { ...DEFAULT_ENGINE_OPTIONS, ...options });
  const ending = new AbortController();
  const keys = {
    secretKey: "tr_dev_0123456789abcdef0123456789abcdef",
    accessToken: "tr_pat_0123456789abcdef0123456789abcdef01234567",
  };
  const platform: Platform = {
    engine,
    presence: new Presence(engine),
    keys,
    packets: new Packets(directory.path, keys.secretKey),
    url: () => "http://127.0.0.1:4711",
    ending: ending.signal,
  };
  const app = createApp(platform);
  return {
    ...platform,
    ask: async (path, init) =>
      app.request(`http://127.0.0.1:4711${path}`, {
        ...init,
        headers: { authorization: `Bearer ${keys.secretKey}`, ...init?.headers },
      }),
    async [Symbol.asyncDispose]() {
      ending.abort();
      engine[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Registers a version of the project that has the tasks. */
export function registerTasks(
  engine: Engine,
  tasks: readonly (Pick<Task, "id"> & Partial<Task>)[],
  declared: Partial<Worker["metadata"]> = {},
): Worker {
  const worker: Worker = {
    id: `worker_${crypto.randomUUID()}`,
    version: "20261121.1",
    createdAt: Date.now(),
    metadata: {
      packageVersion: "4.8.3",
      contentHash: "hash",
      tasks: tasks.map((task) => ({ filePath: "trigger/tasks.ts", ...task })),
      ...declared,
    },
  };
  engine.workers.save(worker);
  return worker;
}
