import { chmod, mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { PrepareRequest } from "../../../../engine/ports.ts";
import type { StateFolders } from "../../state-folders.ts";
import type { Limiter, SessionLimits } from "../limits/limiter.ts";
import { asNamespaceRoot, type IdMap } from "../machine/id-map.ts";
import type { Networks } from "../network/networks.ts";
import type { SessionNetwork } from "../network/session-network.ts";
import type { RootRecord } from "../roots/root-record.ts";
import { makeEngineLayer } from "../system/engine-layer.ts";
import { ensureNodeLayer, type NodeLayer } from "../system/node-layer.ts";
import { ensureSystemLayer, type SystemLayer } from "../system/system-layer.ts";
import { Grounds } from "./grounds.ts";
import { haltSession, isInitAlive } from "./halt-session.ts";
import { type SessionInit, startSession } from "./start-session.ts";

export interface SessionStarterOptions {
  folders: StateFolders;
  /** For what all engines of the user's share. */
  cacheDirectory: string;
  ids: IdMap;
  limiter: Limiter;
  networks: Networks;
  /** No session is started any more, and those that are found are only ended. */
  former: boolean;
  /** Certificates (PEM) that this machine trusts besides the system's. */
  extraCertificates: string;
}

/** What a running session consists of. */
export interface StartedSession {
  init: SessionInit;
  limits: SessionLimits;
  network: SessionNetwork;
  /** Where the engine's Node is in the sandbox, if it is not in `/usr`. */
  nodeDirectory: string | undefined;
}

/** Below the engine's own directory. */
const ENGINE_LAYER = "engine-layer";
/** As many as a small machine of its own would bear; a bomb is held before it is felt. */
const PROCESSES_PER_VCPU = 2_048;

/** Puts sessions together out of namespaces, file system, limits and network. */
export class SessionStarter {
  readonly #options: SessionStarterOptions;
  readonly #grounds: Grounds;
  #layers: Promise<BaseLayers> | undefined;

  constructor(options: SessionStarterOptions) {
    this.#options = options;
    this.#grounds = new Grounds(options);
  }

  /** Nothing is made ready any more. */
  close(): void {
    this.#grounds.close();
  }

  /** Begins with what takes long and is the same for all. */
  warmUp(): void {
    if (this.#options.former) return;
    this.#options.networks.warmUp();
    this.#grounds.prepare();
    this.baseLayers().catch(() => undefined); // Whoever needs them is told.
  }

  /** Leaves nothing running when it fails. */
  async start(folder: string, { record, request, signal }: StartRequest): Promise<StartedSession> {
    const { ids, limiter } = this.#options;
    const { sessionId, vcpus, memoryMb } = record;
    const processes = PROCESSES_PER_VCPU * vcpus;
    const base = await this.baseLayers();
    const limits = await limiter.open({ sessionId, vcpus, memoryMb, processes });
    let network: SessionNetwork | undefined;
    try {
      const ground = await this.#grounds.take(record, request.networkPolicy);
      using cradle = ground.cradle;
      // Side by side; what fails first is told, and the other is waited for.
      const starting = startSession(cradle, {
        ...this.#placesOf(folder, { record, request, base }),
        sessionId,
        hostname: HOSTNAME,
        ids,
        processes,
        limits,
        signal,
      });
      const [opened, started] = await Promise.allSettled([ground.network, starting]);
      if (opened.status === "fulfilled") network = opened.value;
      if (started.status === "rejected") throw started.reason;
      if (!network) {
        await haltSession({ sessionId, init: started.value, recorders: NONE }, { graceMs: 0 });
        throw opened.status === "rejected" ? opened.reason : undefined;
      }
      return { init: started.value, limits, network, nodeDirectory: base.node?.programs };
    } catch (error) {
      await network?.[Symbol.asyncDispose]();
      await limits.remove();
      throw error;
    } finally {
      setImmediate(() => this.#grounds.prepare());
    }
  }

  /** A session that an earlier engine started. One whose processes have all ended has no network. */
  async adopt(record: RootRecord, init: SessionInit): Promise<StartedSession> {
    const limits = (await this.#options.limiter.adopt(record.sessionId)) ?? NO_LIMITS;
    if (this.#options.former)
      return { init, limits, network: NO_NETWORK, nodeDirectory: undefined };
    const network = isInitAlive(init) ? await this.#openNetwork(init.pid, record) : NO_NETWORK;
    const { node } = await this.baseLayers();
    return { init, limits, network, nodeDirectory: node?.programs };
  }

  // Whoever adopts a session says what its policy is.
  #openNetwork(pid: number, { sessionId, sandboxName }: RootRecord): Promise<SessionNetwork> {
    return this.#options.networks.open({
      owner: { sessionId, sandboxName },
      pid,
      enterArguments: asNamespaceRoot(this.#options.ids),
      policy: { mode: "deny-all" },
    });
  }

  #placesOf(
    folder: string,
    {
      record,
      request,
      base: { system, node },
    }: { record: RootRecord; request: PrepareRequest; base: BaseLayers },
  ) {
    const { folders, ids } = this.#options;
    const { directory } = folders;
    const root = join("roots", folder);
    // Commands see these paths in their list of mounts: no word of the user's home. The root of a range
    // cannot walk through closed directories, of which a system-wide cache has none.
    const seen = (layer: string) => (ids.kind === "single" ? relative(directory, layer) : layer);
    return {
      directory,
      folder: root,
      base: {
        root: [ENGINE_LAYER, seen(system.directory), ...(node ? [seen(node.directory)] : [])].map(
          (layer) => join(layer, "root"),
        ),
        usr: [join(seen(system.directory), "usr"), "/usr"],
      },
      layers: record.layers.map((id) => join("snapshots", id, "upper")),
      drives: request.mounts.map(({ path, driveId, mode }, index) => ({
        path,
        source: mode === "snapshot" ? join(root, "drives", String(index)) : join("drives", driveId),
      })),
      directories: [record.home, record.cwd],
    };
  }

  /** What all sandboxes stand on; made at the first call. */
  baseLayers(): Promise<BaseLayers> {
    this.#layers ??= this.#makeBaseLayers().catch((error: unknown) => {
      this.#layers = undefined;
      throw error;
    });
    return this.#layers;
  }

  async #makeBaseLayers(): Promise<BaseLayers> {
    const { folders, cacheDirectory, ids, networks, extraCertificates } = this.#options;
    const [system, node, authorityPem] = await Promise.all([
      ensureSystemLayer({ cacheDirectory, ids }),
      ensureNodeLayer({ cacheDirectory, ids }),
      networks.authorityPem(),
    ]);
    const directory = join(folders.directory, ENGINE_LAYER);
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o711);
    await makeEngineLayer({ directory, system, extraPem: authorityPem + extraCertificates, ids });
    return { system, node };
  }
}

interface BaseLayers {
  system: SystemLayer;
  node: NodeLayer | undefined;
}

interface StartRequest {
  record: RootRecord;
  request: PrepareRequest;
  signal: AbortSignal | undefined;
}

/** The same for all: what a sandbox is called is nobody's business inside. */
const HOSTNAME = "sandbox";

const NONE = { pids: new Set<number>(), allEnded: async () => undefined, close: () => undefined };

const NO_LIMITS: SessionLimits = {
  joinFiles: [],
  shellLimits: "",
  usage: async () => ({}),
  oomKills: async () => 0,
  remove: async () => undefined,
};

const NO_NETWORK: SessionNetwork = {
  apply: async () => undefined,
  traffic: async () => ({ ingressBytes: 0, egressBytes: 0 }),
  forward: () => ({ [Symbol.asyncDispose]: async () => undefined }),
  [Symbol.asyncDispose]: async () => undefined,
};
