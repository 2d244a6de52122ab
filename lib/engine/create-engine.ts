import { join } from "node:path";
import { LIMITS } from "../contract/limits.ts";
import { KeyedMutex } from "../std/keyed-mutex.ts";
import { CommandExecutor } from "./commands/command-executor.ts";
import { DriveKeeper } from "./drive-keeper.ts";
import type { Engine } from "./engine.ts";
import { SandboxFiles } from "./files.ts";
import { MetricSamples } from "./metric-samples.ts";
import type { Clock, Fetcher, HostPorts, Isolation, Log, Store } from "./ports.ts";
import { PortRoutes } from "./port-routes.ts";
import { recover } from "./recovery.ts";
import { RunningSessions } from "./sessions/running-sessions.ts";
import { SandboxLife } from "./sandbox-life.ts";
import { SandboxManager } from "./sandbox-manager.ts";
import { SecretEgress } from "./secrets/secret-egress.ts";
import { SecretKeeper } from "./secrets/secret-keeper.ts";
import { SessionActivity } from "./sessions/session-activity.ts";
import { SessionLifecycle } from "./sessions/session-lifecycle.ts";
import { SessionManager } from "./sessions/session-manager.ts";
import { SessionPauses } from "./sessions/session-pauses.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { TemplateBuilder } from "./templates/template-builder.ts";
import { TemplateKeeper } from "./templates/template-keeper.ts";
import { TemplateLauncher } from "./templates/template-launcher.ts";
import { TemplateRecords } from "./templates/template-records.ts";
import { SandboxTerminals } from "./terminals/terminals.ts";

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
  const activity = new SessionActivity({ clock });
  const running = new RunningSessions({ store, activity });
  const ports = new PortRoutes({ hostPorts: options.hostPorts, activity });
  const egress = new SecretEgress({ store, isolation, roots: running, log });
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
  const templates = new TemplateRecords({ store, clock });
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
    egress,
    scratch: join(options.directory, "scratch"),
  });
  const life = new SandboxLife({
    store,
    clock,
    log,
    mutex,
    activity,
    actions: () => ({
      stop: ({ id }) => sessions.endUnlocked(id),
      pause: ({ id }, { memory }) => sessions.pauseUnlocked(id, { memory }),
      delete: (name) => sandboxes.deleteUnlocked(name),
    }),
  });
  const pauses = new SessionPauses({
    store,
    clock,
    running,
    commands,
    ports,
    snapshots,
    activity,
  });
  const sessions = new SessionManager({
    store,
    clock,
    mutex,
    running,
    lifecycle,
    pauses,
    life,
    ports,
    egress,
  });
  const sandboxes = new SandboxManager({
    store,
    clock,
    mutex,
    running,
    lifecycle,
    sessions,
    life,
    snapshots,
    commands,
    ports,
    egress,
    templates,
    launcher: new TemplateLauncher({ commands, log }),
  });
  await recover({
    store,
    isolation,
    log,
    running,
    lifecycle,
    life,
    sandboxes,
    snapshots,
    egress,
    commands,
    ports,
  });
  const terminals = new SandboxTerminals({ sessions: running, clock });
  const scratch = join(options.directory, "scratch", "templates");
  const keeper = new TemplateKeeper({
    store,
    isolation,
    clock,
    log,
    snapshots,
    records: templates,
    builder: new TemplateBuilder({ store, isolation, clock, log, scratch }),
    directory: join(options.directory, "templates"),
  });
  await keeper.recover();
  const metrics = new MetricSamples({
    clock,
    sessions: {
      known: (id) => running.known(id),
      usage: (id, wanted) => sessions.usage(id, wanted),
    },
  });
  return {
    isolation: { name: isolation.name, features: isolation.features },
    sandboxes,
    sessions,
    commands,
    files: new SandboxFiles({ sessions: running, scratch: join(options.directory, "scratch") }),
    snapshots,
    drives,
    terminals,
    secrets: new SecretKeeper({ store, clock, changed: (name) => egress.changed(name) }),
    templates: keeper,
    metrics: (sessionId, range) => metrics.samples(sessionId, range),
    isBusy: () => running.isBusy() || commands.isBusy() || keeper.isBusy(),
    async [Symbol.asyncDispose]() {
      life[Symbol.dispose]();
      snapshots[Symbol.dispose]();
      await keeper[Symbol.asyncDispose]();
      await terminals[Symbol.asyncDispose]();
      await commands[Symbol.asyncDispose]();
      await ports.closeAll();
    },
  };
}
