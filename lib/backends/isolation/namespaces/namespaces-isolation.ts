import { chmod, lchown, mkdir, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import * as z from "zod";
import type {
  Isolation,
  IsolationFeatures,
  Json,
  Log,
  PrepareRequest,
  Root,
} from "../../../engine/ports.ts";
import { copyTree } from "../copy-tree.ts";
import { discardPrefix } from "../discard-prefix.ts";
import { removeTree } from "../file-tree.ts";
import { killTree } from "../process-tree.ts";
import { readRecord, StateFolders, writeRecord } from "../state-folders.ts";
import { asNamespaceRoot, type IdMap, ownIdMap } from "./ids.ts";
import { NamespacesRoot } from "./namespaces-root.ts";
import type { Networks, SessionNetwork } from "./network-port.ts";
import { Layers } from "./roots/layers.ts";
import { makeFolder } from "./roots/make-folder.ts";
import { RootRecord } from "./roots/root-record.ts";
import { isInitAlive } from "./session/halt-session.ts";
import { defaultOwner, makeCradle, type SessionInit, startSession } from "./session/start-session.ts";
import { ensureSystemLayer, type SystemLayer } from "./system/system-layer.ts";

export interface NamespacesIsolationOptions {
  /** All files of the backend's; no other engine may use it meanwhile. */
  directory: string;
  /** For what all engines of the user's share. */
  cacheDirectory: string;
  networks: Networks;
  /** The host's variables that hold for sandboxes, too. */
  passedOn: Readonly<Record<string, string>>;
  log?: Log;
}

/** Disposing of it ends nothing: what runs goes on, and keeps this process alive no longer. */
export interface NamespacesIsolation extends Isolation, Disposable {}

const RootHandle = z.object({ folder: z.string(), sessionId: z.string() });

/** Where the kernel counts processes per namespace. */
const PROCESSES_PER_VCPU = 2_048;

/** Runs each session in namespaces of its own, with a root file system, users, ports and a network of its own. Linux only. */
export function namespacesIsolation(options: NamespacesIsolationOptions): NamespacesIsolation {
  return new Namespaces(options);
}

class Namespaces implements NamespacesIsolation {
  readonly name = "namespaces";
  readonly features: IsolationFeatures;
  readonly #options: NamespacesIsolationOptions;
  readonly #ids: IdMap = ownIdMap();
  readonly #roots = new Set<NamespacesRoot>();
  #opened: Promise<{ folders: StateFolders; layers: Layers }> | undefined;
  #system: Promise<SystemLayer> | undefined;

  constructor(options: NamespacesIsolationOptions) {
    this.#options = options;
    this.features = {
      users:
        this.#ids.kind === "range"
          ? { offered: true }
          : {
              offered: false,
              reason: "This machine gives the sandbox a single id: everybody in it is the same.",
            },
      networkPolicy: { offered: true },
      privatePorts: { offered: true },
      privateFiles: { offered: true },
      limits: { offered: false, reason: "Not measured yet." },
    };
  }

  async prepare(request: PrepareRequest, { signal }: { signal?: AbortSignal } = {}): Promise<Root> {
    signal?.throwIfAborted();
    const { folders, layers } = await this.#open();
    const below = request.snapshotId === undefined ? [] : layers.stackOf(request.snapshotId);
    const making = folders.temporary();
    let folder: string | undefined;
    try {
      await makeFolder(making, { folders, ids: this.#ids, mounts: request.mounts });
      const record = recordOf(request, below);
      await writeRecord(join(making, "root.json"), record);
      signal?.throwIfAborted();
      folder = await folders.placeRoot(making, request);
      layers.hold(folder, below);
      const { init, network } = await this.#start({ folder, record, request, signal });
      record.init = init;
      await writeRecord(join(folders.root(folder), "root.json"), record);
      const root = this.#rootOf({ folders, layers, folder, record, init, network });
      root.warmUp();
      return root;
    } catch (error) {
      await removeTree(making);
      if (folder !== undefined) await this.#clear(folder, request.sessionId);
      throw error;
    }
  }

  async adopt(handle: Json): Promise<Root | undefined> {
    const { folders, layers } = await this.#open();
    const parsed = RootHandle.safeParse(handle);
    if (!parsed.success) return undefined;
    const { folder, sessionId } = parsed.data;
    const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
    // The folder may be a later session's of the same sandbox.
    if (record?.sessionId !== sessionId || !record.init) return undefined;
    const { init } = record;
    const network = isInitAlive(init)
      ? await this.#openNetwork(init.pid, record)
      : NO_NETWORK;
    return this.#rootOf({ folders, layers, folder, record, init, network });
  }

  async measureSnapshot(snapshotId: string): Promise<{ sizeBytes: number } | undefined> {
    const { layers } = await this.#open();
    const sizeBytes = layers.sizeOf(snapshotId);
    return sizeBytes === undefined ? undefined : { sizeBytes };
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    const { layers } = await this.#open();
    await layers.delete(snapshotId);
  }

  async ensureDrive(driveId: string): Promise<void> {
    const { folders } = await this.#open();
    const directory = folders.drive(driveId);
    const made = await mkdir(directory, { recursive: true });
    if (made === undefined) return;
    const { uid, gid } = defaultOwner(this.#ids);
    await lchown(directory, uid, gid);
  }

  async deleteDrive(driveId: string): Promise<void> {
    const { folders } = await this.#open();
    await folders.discard(folders.drive(driveId));
  }

  async copyDrive(sourceId: string, targetId: string): Promise<void> {
    const { folders } = await this.#open();
    const making = folders.temporary();
    try {
      await copyTree(folders.drive(sourceId), making);
      await folders.placeDrive(making, targetId);
    } catch (error) {
      await removeTree(making);
      throw error;
    }
  }

  async sweep(known: { roots: Json[]; snapshotIds: string[]; driveIds: string[] }): Promise<void> {
    const { folders, layers } = await this.#open();
    const handles = known.roots.map((handle) => RootHandle.safeParse(handle));
    const kept = new Set(handles.flatMap(({ data }) => (data ? [data.folder] : [])));
    for (const folder of await folders.list("roots")) {
      if (kept.has(folder)) continue;
      const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
      await this.#clear(folder, record?.sessionId);
    }
    for (const id of layers.snapshotIds.filter((one) => !known.snapshotIds.includes(one))) {
      await layers.delete(id);
    }
    const drives = await folders.list("drives");
    for (const id of drives.filter((one) => !known.driveIds.includes(one))) {
      await folders.discard(folders.drive(id));
    }
    await folders.clearTemporary();
  }

  discardPrefix(file: string, bytes: number): Promise<boolean> {
    return discardPrefix(file, bytes);
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots) root.letGo();
    this.#roots.clear();
  }

  async #start(session: {
    folder: string;
    record: RootRecord;
    request: PrepareRequest;
    signal: AbortSignal | undefined;
  }): Promise<{ init: SessionInit; network: SessionNetwork }> {
    const { folder, record, request, signal } = session;
    const { folders } = await this.#open();
    const system = await this.#systemLayer();
    using cradle = await makeCradle(this.#ids);
    const networkOpens = this.#openNetwork(cradle.pid, record);
    networkOpens.catch(() => undefined); // Awaited below.
    const init = await startSession(cradle, {
      sessionId: record.sessionId,
      hostname: "sandbox",
      ids: this.#ids,
      directory: folders.directory,
      folder: join("roots", folder),
      // A path that commands see in their list of mounts: no word of the user's home. A range's root
      // cannot walk through closed directories, of which a system-wide cache has none.
      systemLayer:
        this.#ids.kind === "range"
          ? system.directory
          : relative(folders.directory, system.directory),
      layers: record.layers.map((id) => join("snapshots", id, "upper")),
      drives: request.mounts.map(({ path, driveId, mode }, index) => ({
        path,
        source:
          mode === "snapshot"
            ? join("roots", folder, "drives", String(index))
            : join("drives", driveId),
      })),
      directories: [record.home, record.cwd],
      processes: PROCESSES_PER_VCPU * record.vcpus,
      joinFiles: [],
      signal,
    });
    const network = await networkOpens;
    await network.apply(request.networkPolicy);
    return { init, network };
  }

  #openNetwork(pid: number, { sessionId, sandboxName }: RootRecord): Promise<SessionNetwork> {
    return this.#options.networks.open({
      sessionId,
      sandboxName,
      pid,
      enterArguments: asNamespaceRoot(this.#ids),
      policy: { mode: "deny-all" },
    });
  }

  /** Ends what runs in a root and deletes it. */
  async #clear(folder: string, sessionId: string | undefined): Promise<void> {
    const { folders, layers } = await this.#open();
    if (sessionId !== undefined) await killTree({ sessionId, recorders: new Set() });
    await folders.discard(folders.root(folder));
    await layers.release(folder);
  }

  #rootOf(
    place: Pick<
      ConstructorParameters<typeof NamespacesRoot>[0],
      "folders" | "layers" | "folder" | "record" | "init" | "network"
    >,
  ): NamespacesRoot {
    const root = new NamespacesRoot({
      ...place,
      ids: this.#ids,
      joinFiles: [],
      passedOn: this.#options.passedOn,
      ended: () => this.#roots.delete(root),
    });
    this.#roots.add(root);
    return root;
  }

  #systemLayer(): Promise<SystemLayer> {
    const { cacheDirectory } = this.#options;
    this.#system ??= ensureSystemLayer({ cacheDirectory, ids: this.#ids }).catch((error: unknown) => {
      this.#system = undefined;
      throw error;
    });
    return this.#system;
  }

  #open(): Promise<{ folders: StateFolders; layers: Layers }> {
    this.#opened ??= openFolders(this.#options.directory);
    return this.#opened;
  }
}

/** Of a session whose processes have all ended without us. */
const NO_NETWORK: SessionNetwork = {
  apply: async () => undefined,
  traffic: async () => ({ ingressBytes: 0, egressBytes: 0 }),
  forward: () => ({ [Symbol.asyncDispose]: async () => undefined }),
  [Symbol.asyncDispose]: async () => undefined,
};

function recordOf(request: PrepareRequest, layers: string[]): RootRecord {
  const { sessionId, sandboxName, cwd, home, vcpus, memoryMb } = request;
  const ports = request.ports.map(({ port }) => port);
  return { sessionId, sandboxName, cwd, home, ports, layers, vcpus, memoryMb };
}

async function openFolders(
  directory: string,
): Promise<{ folders: StateFolders; layers: Layers }> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
  const folders = new StateFolders(await realpath(directory));
  // Sandboxes' own roots, which are other users of this machine, are led through by relative paths.
  await folders.make({ mode: 0o711 });
  return { folders, layers: await Layers.open(folders) };
}
