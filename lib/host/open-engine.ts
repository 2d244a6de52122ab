import { SandboxTokens } from "../backends/isolation/namespaces/network/http/sandbox-tokens.ts";
import { acquireExclusiveLock } from "../backends/lock/exclusive-lock.ts";
import { openSqliteStore } from "../backends/store/sqlite-store.ts";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { createEngine } from "../engine/create-engine.ts";
import type { Engine, SandboxListRequest } from "../engine/engine.ts";
import type { Log } from "../engine/ports.ts";
import { Cleanup } from "../std/cleanup.ts";
import { accessToken } from "./access-token.ts";
import { chooseIsolation } from "./choose-isolation.ts";
import { Controls } from "./controls/controls.ts";
import { type EngineHolder, readHolder, removeHolder, writeHolder } from "./engine-holder.ts";
import type { FaceMount } from "./face-mounts.ts";
import { faceSecretOf } from "./face-secret.ts";
import { InteractiveServer } from "./interactive-server.ts";
import { networkFolder } from "./isolation-folders.ts";
import { loopbackPorts } from "./loopback-ports.ts";
import { openFaces } from "./open-faces.ts";
import { Previews } from "./previews.ts";
import type { Settings } from "./settings.ts";
import { sourceFetcher } from "./source-fetcher.ts";
import { makeStateFolder, stateFolder } from "./state-folder.ts";
import { SteerableClock } from "./steerable-clock.ts";

/** An engine over a state folder, with its faces. Ending it leaves running commands alone. */
export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** The vendor's API: paths that begin with /v1, /v2 or /v3. */
  readonly vercel: (request: Request) => Promise<Response>;
  /** Every face, the one above too, with the prefix under which listeners serve it. */
  readonly mounts: readonly FaceMount[];
  /** What tests can do to it, where the settings allow it. */
  readonly controls?: Controls;
  /** Shells that are open now. */
  readonly shells: () => number;
  /** Stops every running sandbox as its owner would: a persistent one gets its snapshot. */
  stopAll(): Promise<void>;
  /** The keys of the tokens by which a forwarded request says from which sandbox it came (RFC 7517). */
  tokenKeys(): Promise<object>;
  /** Tells other processes more about who holds the folder. */
  announce(holder: EngineHolder): void;
}

/**
 * Opens the state folder and brings it to where its last engine stopped. The folder is locked until the
 * engine is ended or its process dies. Throws `engine_unavailable` when another process uses the folder.
 */
export async function openEngine(
  settings: Settings,
  { log, holder, waitMs = 0 }: { log: Log; holder: EngineHolder; waitMs?: number },
): Promise<OpenEngine> {
  const folder = stateFolder(settings.home);
  makeStateFolder(settings.home);
  const lock = acquireExclusiveLock(folder.engineLock, { waitMs });
  if (!lock) throw inUse(settings.home, holder);
  const cleanup = new Cleanup();
  cleanup.add(() => lock[Symbol.dispose]());
  try {
    writeHolder(folder.holder, holder);
    cleanup.add(() => removeHolder(folder.holder));
    const store = openSqliteStore({ file: folder.database });
    cleanup.add(() => store.close());
    const isolation = await chooseIsolation(settings, { directory: folder.isolation, log });
    cleanup.add(() => isolation[Symbol.dispose]());
    const clock = new SteerableClock();
    const engine = await createEngine({
      store,
      isolation,
      clock,
      hostPorts: loopbackPorts(),
      fetcher: sourceFetcher(),
      log,
      directory: settings.home,
      limits: { outputBytes: settings.outputLimitBytes },
    });
    cleanup.add(() => engine[Symbol.asyncDispose]());
    const interactive = new InteractiveServer({ engine, log });
    cleanup.add(() => interactive[Symbol.asyncDispose]());
    const previews = new Previews({ engine });
    cleanup.add(() => previews[Symbol.asyncDispose]());
    const controls = settings.testControls ? new Controls({ engine, clock }) : undefined;
    const { vercel, mounts } = openFaces({
      engine,
      log,
      clock,
      secret: faceSecretOf(accessToken(folder.token)),
      interactive,
      previews,
      equip: (name, face) => controls?.equip(name, face) ?? face,
    });
    return {
      engine,
      vercel: (request) => vercel.fetch(request),
      mounts,
      ...(controls && { controls }),
      shells: () => interactive.connections,
      stopAll: () => stopAll(engine),
      tokenKeys: async () => (await SandboxTokens.open(networkFolder(folder.isolation))).keys,
      announce: (changed) => writeHolder(folder.holder, changed),
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

function inUse(home: string, { kind }: EngineHolder): SandboxError {
  const found = readHolder(stateFolder(home).holder);
  if (kind === "daemon" && found?.kind === "daemon") {
    return new SandboxError(
      "engine_unavailable",
      `The daemon for ${home} (process ${found.pid}) lives, but nobody answers at its socket ${found.socketPath}. End that process and call again; commands go on meanwhile.`,
    );
  }
  const who =
    found?.kind === "daemon"
      ? `the daemon (process ${found.pid}, version ${found.version})`
      : found
        ? `an embedded engine in process ${found.pid}`
        : "another process";
  const advice =
    found?.kind === "daemon"
      ? "Set SANDLOT_ENGINE=daemon to share it, or SANDLOT_HOME to another folder."
      : "Set SANDLOT_ENGINE=daemon in both programs to share one engine, or give one of them a SANDLOT_HOME of its own.";
  return new SandboxError(
    "engine_unavailable",
    `The state folder ${home} is in use by ${who}. ${advice}`,
  );
}

async function stopAll(engine: Engine): Promise<void> {
  const request: SandboxListRequest = {
    // A paused one would stay frozen with nobody left to resume it.
    statuses: ["running", "stopping", "paused"],
    limit: LIMITS.pageSize,
    sortOrder: "desc",
  };
  const asked = new Set<string>();
  while (true) {
    const { items } = engine.sandboxes.list(request);
    // What could not be stopped stays in the list; it would be asked for again without end.
    const fresh = items.filter(({ currentSessionId }) => !asked.has(currentSessionId));
    if (fresh.length === 0) return;
    for (const { currentSessionId } of fresh) asked.add(currentSessionId);
    await Promise.allSettled(
      fresh.map(({ currentSessionId }) => engine.sessions.stop(currentSessionId)),
    );
  }
}
