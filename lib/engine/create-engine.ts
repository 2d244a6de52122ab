import { join } from "node:path";
import { LIMITS } from "../contract/limits.ts";
import { KeyedMutex } from "../std/keyed-mutex.ts";
import { CommandExecutor } from "./command-executor.ts";
import { DriveKeeper } from "./drive-keeper.ts";
import type { Engine } from "./engine.ts";
import { SandboxFiles } from "./files.ts";
import type { Clock, Fetcher, HostPorts, Isolation, Log, Store } from "./ports.ts";
import { PortRoutes } from "./port-routes.ts";
import { recover } from "./recovery.ts";
import { RunningSessions } from "./running-sessions.ts";
import { SandboxManager } from "./sandbox-manager.ts";
import { SecretKeeper } from "./secret-keeper.ts";
import { SessionLifecycle } from "./session-lifecycle.ts";
import { SessionManager } from "./session-manager.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { TemplateKeeper } from "./template-keeper.ts";
import { SandboxTerminals } from "./terminals.ts";

export interface EngineOptions {
  store: Store;
  isolation: Isolation;
  clock: Clock;
  hostPorts: HostPorts;
  fetcher: Fetcher;
  log: Log;
  /** Where the engine keeps the commands' output; no other engine may use it meanwhile. */
  directory: string;
  limits?: {
    /** What one command's output may take on disk before its oldest part is dropped. */
    outputBytes?: number;
  };
}

/**
 * Makes an engine over its ports and brings it to where the last one on the same
 * store stopped, however that ended. The caller ends the store after the engine.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { store, isolation, clock, log } = options;
  const mutex = new KeyedMutex();
  const running = new RunningSessions({ store });
  const ports = new PortRoutes({ hostPorts: options.hostPorts });
  const drives = new DriveKeeper({ store, isolation, clock });
  const snapshots = new SnapshotKeeper({ store, isolation, clock, log });
  const commands = new CommandExecutor({
    store,
    sessions: running,
    directory: join(options.directory, "commands"),
    clock,
    isolation,
    log,
    limits: { outputBytes: options.limits?.outputBytes ?? LIMITS.outputBytes },
  });
  const lifecycle = new SessionLifecycle({
    store,
    isolation,
    clock,
    fetcher: options.fetcher,
    running,
    commands,
    ports,
    drives,
    snapshots,
    scratch: join(options.directory, "scratch"),
  });
  const sessions = new SessionManager({ store, clock, log, mutex, running, lifecycle, ports });
  const sandboxes = new SandboxManager({
    store,
    clock,
    mutex,
    running,
    lifecycle,
    sessions,
    snapshots,
    commands,
    ports,
  });
  await recover({
    store,
    isolation,
    log,
    running,
    lifecycle,
    sessions,
    sandboxes,
    snapshots,
    commands,
    ports,
  });
  const terminals = new SandboxTerminals({ sessions: running, clock });
  return {
    isolation: { name: isolation.name, features: isolation.features },
    sandboxes,
    sessions,
    commands,
    files: new SandboxFiles({ sessions: running }),
    snapshots,
    drives,
    terminals,
    secrets: new SecretKeeper({ store, clock }),
    templates: new TemplateKeeper({ store, clock }),
    metrics: async () => [],
    isBusy: () => running.size > 0 || commands.isBusy(),
    async [Symbol.asyncDispose]() {
      sessions[Symbol.dispose]();
      snapshots[Symbol.dispose]();
      await terminals[Symbol.asyncDispose]();
      await commands[Symbol.asyncDispose]();
      await ports.closeAll();
    },
  };
}
