import { once } from "node:events";
import { chmodSync, existsSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { acquireExclusiveLock } from "../backends/lock/exclusive-lock.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Log } from "../engine/ports.ts";
import { Cleanup } from "../std/cleanup.ts";
import { keepCompiled } from "../std/compile-cache.ts";
import { settleHolder } from "./settle-holder.ts";
import type { EngineHolder } from "./engine-holder.ts";
import { noteKeptPackage } from "./kept-package.ts";
import { fileLog } from "./log-file.ts";
import { packageVersion, PROTOCOL } from "./package-version.ts";
import type { Settings } from "./settings.ts";
import { besideFolder, makeStateFolder, socketPath, stateFolder } from "./state-folder.ts";

// Starting takes well under a second; a recovery over many sandboxes takes longer.
const START_PATIENCE_MS = 120_000;
// A daemon that ends has nothing to do that takes long.
const END_PATIENCE_MS = 15_000;
// Clients of other vendors cannot start it, and people come back to their programs after a weekend.
const ASKED_IDLE_MS = 7 * 24 * 60 * 60 * 1_000;

/** Told to whoever started the daemon, when callers can be served. */
export interface Ready {
  socketPath: string;
  /** What the caller should know: another version's daemon was found. */
  notice?: string;
}

/**
 * Makes sure that a daemon of this version serves the state folder: by finding it, or by becoming it.
 * `ready` is called in either case. Resolves when there is nothing (more) to do in this process.
 */
export async function runDaemon(settings: Settings, ready: (ready: Ready) => void): Promise<void> {
  const folder = stateFolder(settings.home);
  makeStateFolder(settings.home);
  const log = fileLog(folder.log, settings.logLevel);
  const version = packageVersion();
  const own = { version, protocol: PROTOCOL };
  const starting = acquireExclusiveLock(folder.startLock, { waitMs: START_PATIENCE_MS });
  if (!starting) throw stuck(settings.home);
  const found = await settleHolder(settings.home, own);
  if (found.kind === "same") {
    ready({ socketPath: found.socketPath });
    return starting[Symbol.dispose]();
  }
  if (found.kind === "busy") {
    starting[Symbol.dispose]();
    const home = besideFolder(settings.home, version);
    const notice = `A Sandlot daemon of version ${found.version} (process ${found.pid}) runs sandboxes in ${settings.home}. Version ${version} got a daemon of its own beside it, which does not see those sandboxes: its state is in ${home}. Stop the other one with \`sandlot daemon stop\` to use one for all.`;
    log.warn("another version's daemon is busy; one was started beside it", {
      other: found.version,
      home,
    });
    return runDaemon({ ...settings, home }, (about) => ready({ ...about, notice }));
  }
  if (found.kind === "replaced") {
    log.info("an idle daemon of another version made room", { other: found.version });
  }
  const daemon = await openDaemon(settings, {
    log,
    own,
    waitMs: found.kind === "embedded" ? 0 : END_PATIENCE_MS,
  });
  ready({
    socketPath: daemon.socketPath,
    ...(found.kind === "replaced" && {
      notice: `An idle Sandlot daemon of version ${found.version} was replaced by one of version ${version}.`,
    }),
  });
  starting[Symbol.dispose]();
  await daemon.ended;
}

function stuck(home: string): SandboxError {
  return new SandboxError(
    "engine_unavailable",
    `Another process has been starting a daemon for ${home} for ${START_PATIENCE_MS / 1_000} seconds. Look at its log with \`sandlot daemon logs\`, and end it.`,
  );
}

interface Daemon {
  socketPath: string;
  ended: Promise<void>;
}

async function openDaemon(
  settings: Settings,
  { log, own, waitMs }: { log: Log; own: { version: string; protocol: number }; waitMs: number },
): Promise<Daemon> {
  // Whoever only finds that a daemon is there has no need of all this.
  const [{ openEngine }, { Activity, createApiServer }, { hostApi }, { DaemonListeners }] =
    await Promise.all([
      import("./open-engine.ts"),
      import("./api-server.ts"),
      import("./host-api.ts"),
      import("./daemon-listeners.ts"),
    ]);
  const path = socketPath(settings.home, own);
  const holder: EngineHolder = {
    kind: "daemon",
    pid: process.pid,
    ...own,
    startedAt: Date.now(),
    socketPath: path,
  };
  const cleanup = new Cleanup();
  try {
    const open = await openEngine(settings, { log, holder, waitMs });
    cleanup.add(() => open[Symbol.asyncDispose]());
    const activity = new Activity();
    const end = Promise.withResolvers<string>();
    const listeners = new DaemonListeners({
      settings,
      mounts: open.mounts,
      log,
      serve: (options) => createApiServer({ ...options, host, activity }),
      opened(url) {
        holder.url = url;
        open.announce(holder);
      },
    });
    cleanup.add(() => listeners[Symbol.asyncDispose]());
    const { holder: note } = stateFolder(settings.home);
    const idleMs = () =>
      // In a folder that was deleted, nobody comes back.
      listeners.isAskedFor && existsSync(note)
        ? Math.max(settings.idleMs, ASKED_IDLE_MS)
        : settings.idleMs;
    const host: (request: Request) => Promise<Response> = hostApi({
      open,
      holder,
      home: settings.home,
      requests: () => activity.open,
      idleMs,
      listen: (request) => listeners.listen(request),
      end: () => setImmediate(() => end.resolve("was asked to")),
    });
    const api = createApiServer({ mounts: open.mounts, host, activity });
    await listenPrivately(api.server, path);
    cleanup.add(() => api[Symbol.asyncDispose]());
    await listeners.start();
    log.info("daemon started", {
      pid: process.pid,
      version: own.version,
      isolation: open.engine.isolation.name,
      socketPath: path,
      url: holder.url ?? null,
    });
    noteKeptPackage();
    const isBusy = () => open.engine.isBusy() || open.shells() > 0;
    watchIdle({ activity, idleMs, lookMs: settings.idleMs, isBusy, end });
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.once(signal, () => end.resolve(`got ${signal}`));
    }
    const ended = end.promise.then(async (reason) => {
      activity.ending = true;
      log.info(`daemon ends: it ${reason}`);
      keepCompiled();
      await cleanup[Symbol.asyncDispose]();
      log.info("daemon ended");
    });
    return { socketPath: path, ended };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

/** A Unix socket that only this user can connect to, from the first moment. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const isPipe = process.platform === "win32";
  // Both locks are held, so whatever lies there was left by one that died.
  if (!isPipe) rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await once(server, "listening");
  if (!isPipe) chmodSync(path, 0o600);
}

/** Ends the daemon when nobody asked for anything for a while and nothing runs. */
function watchIdle({
  activity,
  idleMs,
  lookMs,
  isBusy,
  end,
}: {
  activity: { quietMs: number };
  idleMs: () => number;
  /** How often it is looked at, at least. */
  lookMs: number;
  isBusy: () => boolean;
  end: PromiseWithResolvers<string>;
}): void {
  const look = () => {
    const left = idleMs() - activity.quietMs;
    if (left <= 0 && !isBusy()) return end.resolve("was idle");
    // A busy one is looked at again after the whole time; a quiet one when its time is over.
    setTimeout(look, isBusy() ? lookMs : Math.max(1, Math.min(left, lookMs))).unref();
  };
  setTimeout(look, lookMs).unref();
}
