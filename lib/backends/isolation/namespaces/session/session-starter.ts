import { join, relative } from "node:path";
import { DEFAULTS } from "../../../../contract/defaults.ts";
import type { PrepareRequest } from "../../../../engine/ports.ts";
import { MadeOnce } from "../../../../std/made-once.ts";
import { removeTree } from "../../file-tree.ts";
import type { Limiter, SessionLimits } from "../limits/limiter.ts";
import { asNamespaceRoot } from "../machine/id-map.ts";
import type { SessionNetwork } from "../network/session-network.ts";
import { makeFolder } from "../roots/make-folder.ts";
import type { RootRecord } from "../roots/root-record.ts";
import { NO_LIMITS, NO_NETWORK, NO_RECORDERS } from "./absent-parts.ts";
import { type BaseLayers, type BaseLayersOptions, makeBaseLayers } from "./base-layers.ts";
import { Grounds, type StandingRoot, type TakenGround } from "./grounds.ts";
import { canBeEntered, haltSession } from "./halt-session.ts";
import { raiseSession, type RaiseOptions, type SessionInit } from "./raise-session.ts";
import { type SessionShape, shapeOf } from "./session-shape.ts";

export interface SessionStarterOptions extends BaseLayersOptions {
  limiter: Limiter;
  /** No session is started any more, and those that are found are only ended. */
  former: boolean;
}

/** What a running session consists of. */
export interface StartedSession {
  init: SessionInit;
  limits: SessionLimits;
  network: SessionNetwork;
  /** Where the engine's Node is in the sandbox, if it is not in `/usr`. */
  nodeDirectory: string | undefined;
}

/** The first command of a session that was just started need not share the processor with the next session. */
const NEXT_AFTER_MS = 20;

/** Puts sessions together out of namespaces, file system, limits and network. */
export class SessionStarter {
  readonly #options: SessionStarterOptions;
  readonly #grounds: Grounds;
  readonly #baseLayers = new MadeOnce(() => makeBaseLayers(this.#options));

  constructor(options: SessionStarterOptions) {
    this.#options = options;
    this.#grounds = new Grounds({
      ...options,
      discard: removeTree,
      raise: (cradle, { shape, reserved }) => this.#raiseEmpty(cradle, { shape, reserved }),
    });
  }

  /** Nothing is made ready any more. */
  close(): void {
    this.#grounds.close();
  }

  /** Begins with what takes long and is the same for all. */
  warmUp(): void {
    if (this.#options.former) return;
    this.#options.networks.warmUp();
    this.#grounds.prepare(USUAL_SHAPE);
    this.#baseLayers.get().catch(() => undefined); // Whoever needs them is told.
  }

  /** Takes what is ready for a session. What `start` does not use of it ends with what is returned. */
  async begin(request: StartRequest): Promise<BegunSession> {
    const { record } = request;
    const { networkPolicy: policy, secrets = [], mounts } = request.request;
    const shape = shapeOf(record);
    const isEmpty = record.layers.length === 0 && mounts.length === 0;
    const ground = await this.#grounds.take({
      owner: record,
      policy,
      secrets,
      shape: isEmpty ? shape : undefined,
    });
    return {
      folder: ground.standing?.folder,
      start: async (folder) => {
        try {
          return await this.#start(folder, { ...request, ground });
        } finally {
          this.#prepareNext(shape);
        }
      },
      [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
    };
  }

  #prepareNext(shape: SessionShape): void {
    setTimeout(() => this.#grounds.prepare(shape), NEXT_AFTER_MS).unref();
  }

  async #start(
    folder: string,
    { record, request, signal, ground }: StartRequest & { ground: TakenGround },
  ): Promise<StartedSession> {
    const { limiter } = this.#options;
    const { sessionId, vcpus, memoryMb } = record;
    const { processes } = shapeOf(record);
    const limits = await limiter.open({ sessionId, vcpus, memoryMb, processes }, ground.reserved);
    ground.keep("reserved");
    let network: SessionNetwork | undefined;
    try {
      const base = await this.#baseLayers.get();
      // Side by side; what fails first is told, and the other is waited for.
      const starting = async () => {
        const drives = this.#drivesOf(folder, request);
        const { layers } = record;
        const shape = shapeOf(record);
        const { joinFiles } = limits;
        const session =
          ground.standing?.session ??
          (await raiseSession(ground.cradle, {
            ...this.#placesOf(join("roots", folder), { shape, base }),
            layers: layers.map((id) => join("snapshots", id, "upper")),
            drives,
            joinFiles,
          }));
        try {
          signal?.throwIfAborted();
          const init = await session.give({ sessionId, limits });
          ground.keep("standing");
          return init;
        } catch (error) {
          session[Symbol.dispose]();
          throw error;
        }
      };
      const [opened, started] = await Promise.allSettled([ground.network, starting()]);
      if (opened.status === "fulfilled") {
        ground.keep("network");
        network = opened.value;
      }
      if (started.status === "rejected") throw started.reason;
      if (!network) {
        await haltSession(
          { sessionId, init: started.value, recorders: NO_RECORDERS },
          { graceMs: 0 },
        );
        throw opened.status === "rejected" ? opened.reason : undefined;
      }
      return { init: started.value, limits, network, nodeDirectory: base.nodeDirectory };
    } catch (error) {
      await network?.[Symbol.asyncDispose]();
      await limits.remove();
      throw error;
    }
  }

  /** A session that an earlier engine started. One whose processes have all ended has no network. */
  async adopt(record: RootRecord, init: SessionInit): Promise<StartedSession> {
    const limits = (await this.#options.limiter.adopt(record.sessionId)) ?? NO_LIMITS;
    if (this.#options.former)
      return { init, limits, network: NO_NETWORK, nodeDirectory: undefined };
    const { nodeDirectory } = await this.#baseLayers.get();
    const network = await this.#openNetwork(init, record);
    return { init, limits, network, nodeDirectory };
  }

  // Whoever adopts a session says what its policy is.
  async #openNetwork(
    init: SessionInit,
    { sessionId, sandboxName }: RootRecord,
  ): Promise<SessionNetwork> {
    if (!canBeEntered(init)) return NO_NETWORK;
    try {
      return await this.#options.networks.open({
        owner: { sessionId, sandboxName },
        pid: init.pid,
        enterArguments: asNamespaceRoot(this.#options.ids),
        policy: { mode: "deny-all" },
      });
    } catch (error) {
      // It may have ended meanwhile, which is no reason not to adopt others.
      if (canBeEntered(init)) throw error;
      return NO_NETWORK;
    }
  }

  /** On what is the same for all, in a folder of its own. */
  async #raiseEmpty(
    cradle: Parameters<typeof raiseSession>[0],
    {
      shape,
      reserved: { joinFiles },
    }: { shape: SessionShape; reserved: { joinFiles: readonly string[] } },
  ): Promise<StandingRoot> {
    const { folders, ids } = this.#options;
    const base = await this.#baseLayers.get();
    const folder = folders.ready();
    try {
      await makeFolder(folder, { folders, ids, mounts: [] });
      const places = this.#placesOf(relative(folders.directory, folder), { shape, base });
      const session = await raiseSession(cradle, { ...places, layers: [], drives: [], joinFiles });
      return { shape, folder, session };
    } catch (error) {
      await removeTree(folder);
      throw error;
    }
  }

  #placesOf(
    folder: string,
    { shape, base }: { shape: SessionShape; base: BaseLayers },
  ): Omit<RaiseOptions, "layers" | "drives" | "joinFiles"> {
    const { folders, ids } = this.#options;
    return {
      ...shape,
      ids,
      hostname: HOSTNAME,
      directory: folders.directory,
      folder,
      base: base.placesFor(shape.user),
    };
  }

  #drivesOf(folder: string, { mounts }: PrepareRequest): RaiseOptions["drives"] {
    const root = join("roots", folder);
    return mounts.map(({ path, driveId, mode }, index) => ({
      path,
      source: mode === "snapshot" ? join(root, "drives", String(index)) : join("drives", driveId),
    }));
  }
}

/** What a session begins with. */
export interface BegunSession extends AsyncDisposable {
  /** The root's folder, as `makeFolder` makes it, if there is one already. */
  folder: string | undefined;
  /** With the folder in its place. Leaves nothing running when it fails. */
  start(folder: string): Promise<StartedSession>;
}

interface StartRequest {
  record: RootRecord;
  request: PrepareRequest;
  signal: AbortSignal | undefined;
}

const USUAL_SHAPE = shapeOf(DEFAULTS);

/** The same for all: what a sandbox is called is nobody's business inside. */
const HOSTNAME = "sandbox";
