import { createReadStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { processIsolation } from "../backends/isolation/process/process-isolation.ts";
import { openSqliteStore } from "../backends/store/sqlite-store.ts";
import { createEngine, type EngineOptions } from "../engine/create-engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { Clock, Fetcher, Isolation, Store } from "../engine/ports.ts";
import { listLog } from "./list-log.ts";
import { localHostPorts } from "./local-host-ports.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Fetches `file:` addresses and nothing else. */
const fileFetcher: Fetcher = {
  fetch: async (url) => createReadStream(fileURLToPath(url)),
  fetchRepository: async () => undefined,
};

export interface EngineParts {
  directory: string;
  store: Store;
  isolation: Isolation;
  clock: Clock;
  log: ReturnType<typeof listLog>;
}

/** The parts of an engine over a folder, as a daemon would make them: real processes, real files. */
export function engineParts(
  directory: string,
  clock: Clock = new ManualClock(),
  makeIsolation?: (directory: string) => Isolation,
): EngineParts {
  const log = listLog();
  return {
    directory,
    store: openSqliteStore({ file: join(directory, "state.db") }),
    isolation: makeIsolation
      ? makeIsolation(join(directory, "isolation"))
      : processIsolation({
          directory: join(directory, "isolation"),
          baseEnv: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
          log,
        }),
    clock,
    log,
  };
}

export async function startEngine(
  parts: EngineParts,
  options: Pick<EngineOptions, "limits"> = {},
): Promise<Engine> {
  return createEngine({ ...parts, ...options, hostPorts: localHostPorts(), fetcher: fileFetcher });
}

/** An engine of its own with a clock that the test moves. Ending it stops every sandbox and deletes everything. */
export async function temporaryEngine({
  makeIsolation,
  ...options
}: Pick<EngineOptions, "limits"> & {
  /** In the place of plain processes. */
  makeIsolation?: (directory: string) => Isolation;
} = {}): Promise<
  AsyncDisposable & { engine: Engine; clock: ManualClock; parts: EngineParts; directory: string }
> {
  const directory = await temporaryDirectory();
  const clock = new ManualClock();
  const parts = engineParts(directory.path, clock, makeIsolation);
  const engine = await startEngine(parts, options);
  return {
    engine,
    clock,
    parts,
    directory: directory.path,
    async [Symbol.asyncDispose]() {
      const { sandboxes } = parts.store;
      for (const { name, deleting } of sandboxes.all()) {
        // One whose time had come may be on its way out by itself.
        if (deleting) await vi.waitUntil(() => !sandboxes.get(name), { timeout: 10_000 });
        else await engine.sandboxes.delete(name);
      }
      await engine[Symbol.asyncDispose]();
      const { isolation } = parts;
      if (Symbol.dispose in isolation) (isolation as Isolation & Disposable)[Symbol.dispose]();
      parts.store.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
