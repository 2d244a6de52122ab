import { chmod, mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { IsolationFeatures, Json, Log, PrepareRequest, Root } from "../../../engine/ports.ts";
import type { DriveTree } from "../../../engine/root-files.ts";
import { discardPrefix } from "../discard-prefix.ts";
import type { Exchange, ExchangingIsolation } from "../exchange.ts";
import { MetadataProcess } from "../file-metadata.ts";
import { removeTree } from "../file-tree.ts";
import { killTree } from "../process-tree.ts";
import { readRecord, StateFolders, writeRecord } from "../state-folders.ts";
import { copyDrive, discardDrive, sweepDrives } from "../taken-drives.ts";
import { MakerProcess } from "./files/file-maker.ts";
import type { Limiter } from "./limits/limiter.ts";
import { openLimiter } from "./limits/open-limiter.ts";
import type { IdMap } from "./machine/id-map.ts";
import type { Machine } from "./machine/machine.ts";
import { usableMap, usersFeature } from "./machine/usable-map.ts";
import { NamespacesRoot } from "./namespaces-root.ts";
import { type Networks, networks } from "./network/networks.ts";
import { settleOwners } from "./outer/settle-owners.ts";
import { ensureDrive, openDrive } from "./roots/kept-drives.ts";
import { namespacesExchange } from "./roots/namespaces-exchange.ts";
import { Layers } from "./roots/layers.ts";
import { makeFolder } from "./roots/make-folder.ts";
import { RootRecord } from "./roots/root-record.ts";
import { SessionStarter, type StartedSession } from "./session/session-starter.ts";

export interface NamespacesIsolationOptions {
  /** All files of the backend's; no other engine may use it meanwhile. */
  directory: string;
  /** For what all engines of the user's share. A root engine's must be open to everybody, as /var/cache is. */
  cacheDirectory: string;
  /** As it was inspected, on the disk of the directory. */
  machine: Machine;
  /** Certificates (PEM) that this machine trusts besides the system's. */
  extraCertificates: string;
  /** The variables of the engine's own helpers: PATH, and where the machine keeps its certificates. */
  env: Readonly<Record<string, string>>;
  log?: Log;
  /** Sandboxes are isolated in another way now: it only ends what runs, and hands over its files. */
  former?: boolean;
  /** The outside world of tests. */
  outside?: { hosts?: Record<string, string[]>; detours?: Record<string, string> };
}

/** Disposing of it ends nothing: what runs goes on, and keeps this process alive no longer. */
export type NamespacesIsolation = ExchangingIsolation;

const RootHandle = z.object({ folder: z.string(), sessionId: z.string() });

/**
 * Runs each session in namespaces of its own, with a root file system, users, ports and a network of its
 * own. Linux only. Throws `isolation_unavailable` with what the machine lacks.
 */
export function namespacesIsolation(options: NamespacesIsolationOptions): NamespacesIsolation {
  const { programs, namespaces, overlay, network } = options.machine;
  if (options.former) return new Namespaces(options);
  for (const part of [programs, namespaces, overlay, network]) {
    if (part.offered) continue;
    throw new SandboxError("isolation_unavailable", `${part.reason} ${part.advice}`);
  }
  return new Namespaces(options);
}

interface Opened {
  folders: StateFolders;
  layers: Layers;
  starter: SessionStarter;
}

class Namespaces implements NamespacesIsolation {
  readonly name = "namespaces";
  readonly #options: NamespacesIsolationOptions;
  readonly #ids: IdMap;
  readonly #limiter: Limiter;
  readonly #networks: Networks;
  readonly #roots = new Set<NamespacesRoot>();
  readonly #maker = new MakerProcess();
  readonly #metadata = new MetadataProcess();
  #opened: Promise<Opened> | undefined;

  constructor(options: NamespacesIsolationOptions) {
    const { machine, directory, env, log, outside, former = false } = options;
    this.#options = options;
    this.#ids = usableMap(machine, { former });
    this.#limiter = openLimiter({
      machine,
      directory: join(directory, "limits"),
      ...(log && { log }),
    });
    this.#networks = networks({
      directory: join(directory, "network"),
      env,
      ...(log && { log }),
      ...outside,
    });
  }

  // What the machine promised may turn out not to hold, once it is asked for.
  get features(): IsolationFeatures {
    return {
      users: usersFeature(this.#options.machine, this.#ids),
      networkPolicy: { offered: true },
      privatePorts: { offered: true },
      privateFiles: { offered: true },
      limits: this.#limiter.feature,
    };
  }

  async prepare(request: PrepareRequest, { signal }: { signal?: AbortSignal } = {}): Promise<Root> {
    signal?.throwIfAborted();
    const { folders, layers, starter } = await this.#open();
    const { snapshotId } = request;
    const held = folders.temporary();
    let making = held;
    let folder: string | undefined;
    try {
      const below = snapshotId === undefined ? [] : await layers.holdStackOf(snapshotId, held);
      const record = recordOf(request, below);
      await using begun = await starter.begin({ record, request, signal });
      if (begun.folder === undefined) {
        await makeFolder(making, { folders, ids: this.#ids, mounts: request.mounts });
      } else {
        making = begun.folder;
      }
      await writeRecord(join(making, "root.json"), record);
      signal?.throwIfAborted();
      folder = await folders.placeRoot(making, request);
      layers.move(held, folder);
      const session = await begun.start(folder);
      const root = this.#rootOf({ folders, layers, folder, record, session });
      // Its recorders begin while the record is written.
      root.warmUp();
      record.init = session.init;
      try {
        await writeRecord(join(folders.root(folder), "root.json"), record);
      } catch (error) {
        await root.halt({ graceMs: 0 });
        throw error;
      }
      return root;
    } catch (error) {
      await removeTree(making);
      await layers.release(held);
      if (folder !== undefined) await this.#clear(folder, request.sessionId);
      throw error;
    }
  }

  async adopt(handle: Json): Promise<Root | undefined> {
    const { folders, layers, starter } = await this.#open();
    const parsed = RootHandle.safeParse(handle);
    if (!parsed.success) return undefined;
    const { folder, sessionId } = parsed.data;
    const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
    // The folder may be a later session's of the same sandbox.
    if (record?.sessionId !== sessionId || !record.init) return undefined;
    const session = await starter.adopt(record, record.init);
    return this.#rootOf({ folders, layers, folder, record, session });
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
    await ensureDrive(folders, driveId, this.#ids);
  }

  async deleteDrive(driveId: string): Promise<void> {
    const { folders } = await this.#open();
    await discardDrive(folders, driveId);
  }

  async openDrive(driveId: string): Promise<DriveTree & Disposable> {
    const { folders } = await this.#open();
    const shared = { ids: this.#ids, maker: this.#maker, metadata: this.#metadata };
    return openDrive(folders, driveId, shared);
  }

  async copyDrive(sourceId: string, targetId: string): Promise<void> {
    const { folders } = await this.#open();
    await copyDrive(folders, { sourceId, targetId });
  }

  async sweep(known: { roots: Json[]; snapshotIds: string[]; driveIds: string[] }): Promise<void> {
    const { folders, layers, starter } = await this.#open();
    const handles = known.roots.flatMap((handle) => RootHandle.safeParse(handle).data ?? []);
    const kept = new Set(handles.map(({ sessionId }) => sessionId));
    for (const folder of await folders.list("roots")) {
      const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
      if (record && kept.has(record.sessionId)) continue;
      await this.#clear(folder, record?.sessionId);
    }
    for (const id of layers.snapshotIds.filter((one) => !known.snapshotIds.includes(one))) {
      await layers.delete(id);
    }
    await sweepDrives(folders, known.driveIds);
    await this.#limiter.sweep(handles.map(({ sessionId }) => sessionId));
    await folders.clearTemporary();
    layers.compact();
    starter.warmUp();
  }

  async exchange(): Promise<Exchange> {
    const { folders, layers } = await this.#open();
    return namespacesExchange({ folders, layers, ids: this.#ids });
  }

  discardPrefix(file: string, bytes: number): Promise<boolean> {
    return discardPrefix(file, bytes);
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots) root.letGo();
    this.#roots.clear();
    this.#maker[Symbol.dispose]();
    this.#metadata[Symbol.dispose]();
    const end = ({ starter, layers }: Opened) => {
      starter.close();
      layers[Symbol.dispose]();
    };
    void this.#opened?.then(end, () => undefined); // Never opened.
    void this.#networks[Symbol.asyncDispose](); // It ends with this process at the latest.
  }

  /** Ends what runs in a root and deletes it. */
  async #clear(folder: string, sessionId: string | undefined): Promise<void> {
    const { folders, layers } = await this.#open();
    if (sessionId !== undefined) {
      const limits = await this.#limiter.adopt(sessionId);
      limits?.freezer?.thaw();
      await killTree({ sessionId, recorders: new Set() });
      await limits?.remove();
    }
    await folders.discard(folders.root(folder));
    await layers.release(folder);
  }

  #rootOf({
    session,
    ...place
  }: { folder: string; record: RootRecord; session: StartedSession } & Pick<
    Opened,
    "folders" | "layers"
  >): NamespacesRoot {
    const root = new NamespacesRoot({
      ...place,
      ...session,
      ids: this.#ids,
      maker: this.#maker,
      metadata: this.#metadata,
      ended: () => this.#roots.delete(root),
    });
    this.#roots.add(root);
    return root;
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#openFolders();
    return this.#opened;
  }

  async #openFolders(): Promise<Opened> {
    const { directory, cacheDirectory, log } = this.#options;
    await mkdir(directory, { recursive: true });
    const folders = new StateFolders(await realpath(directory));
    // Sandboxes' own roots, which are other users of this machine, are led through by relative paths.
    await folders.make({ mode: 0o711 });
    await chmod(directory, 0o711);
    await settleOwners(folders, { ids: this.#ids, log });
    const starter = new SessionStarter({
      folders,
      cacheDirectory,
      ids: this.#ids,
      limiter: this.#limiter,
      networks: this.#networks,
      extraCertificates: this.#options.extraCertificates,
      former: this.#options.former ?? false,
    });
    return { folders, layers: await Layers.open(folders, log ? { log } : {}), starter };
  }
}

function recordOf(request: PrepareRequest, layers: string[]): RootRecord {
  const { sessionId, sandboxName, cwd, home, user, vcpus, memoryMb } = request;
  const ports = request.ports.map(({ port }) => port);
  return { sessionId, sandboxName, cwd, home, user, ports, layers, vcpus, memoryMb };
}
