import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { IsolationFeatures, Json, Log, PrepareRequest, Root } from "../../../engine/ports.ts";
import type { DriveTree } from "../../../engine/root-files.ts";
import { confinedFileTree } from "../confined-directories.ts";
import { ConfinedFiles } from "../confined-files.ts";
import { discardPrefix } from "../discard-prefix.ts";
import type { Exchange, ExchangingIsolation } from "../exchange.ts";
import { MetadataProcess } from "../file-metadata.ts";
import { removeTree } from "../file-tree.ts";
import { killTree } from "../process-tree.ts";
import { readRecord, StateFolders } from "../state-folders.ts";
import { copyDrive, discardDrive, driveGone, sweepDrives } from "../taken-drives.ts";
import { RootRecord } from "./folder-records.ts";
import { makeRoot, readSnapshot } from "./make-root.ts";
import { PathMap } from "./path-map.ts";
import { processExchange } from "./process-exchange.ts";
import { ProcessRoot } from "./process-root.ts";

export interface ProcessIsolationOptions {
  /** All files of the backend's; no other engine may use it meanwhile. */
  directory: string;
  /** What commands get of the host's variables: its PATH, its certificates. */
  baseEnv: Readonly<Record<string, string>>;
  log?: Log;
}

/** Disposing of it ends nothing: what runs goes on, and keeps this process alive no longer. */
export type ProcessIsolation = ExchangingIsolation;

const RootHandle = z.object({ folder: z.string(), sessionId: z.string() });

const NO_NAMESPACES = "`process` isolation runs commands as plain processes of this machine";

const FEATURES: IsolationFeatures = {
  users: { offered: false, reason: `${NO_NAMESPACES}, as the user who runs the engine.` },
  networkPolicy: {
    offered: false,
    reason: `${NO_NAMESPACES}, with its network: a policy is recorded but not enforced.`,
  },
  privatePorts: {
    offered: false,
    reason: `${NO_NAMESPACES}, with its ports: two programs cannot listen on the same one. Listen on PORT.`,
  },
  privateFiles: {
    offered: false,
    reason: `${NO_NAMESPACES}, which can read and write whatever that user can.`,
  },
  limits: {
    offered: false,
    reason: `${NO_NAMESPACES}, which share its memory and processors without a limit.`,
  },
};

/** Runs commands as plain processes in a directory per sandbox: on any POSIX system, and no isolation at all. */
export function processIsolation(options: ProcessIsolationOptions): ProcessIsolation {
  if (process.platform === "win32") {
    throw new SandboxError(
      "isolation_unavailable",
      "`process` isolation needs a POSIX shell, which Windows has not. Run the engine inside WSL.",
    );
  }
  return new PlainProcesses(options);
}

class PlainProcesses implements ProcessIsolation {
  readonly name = "process";
  readonly features = FEATURES;
  readonly #options: ProcessIsolationOptions;
  readonly #roots = new Set<ProcessRoot>();
  readonly #metadata = new MetadataProcess();
  #folders: Promise<StateFolders> | undefined;

  constructor(options: ProcessIsolationOptions) {
    this.#options = options;
  }

  async prepare(request: PrepareRequest, { signal }: { signal?: AbortSignal } = {}): Promise<Root> {
    signal?.throwIfAborted();
    const folders = await this.#open();
    const making = folders.temporary();
    try {
      const record = await makeRoot({ folders, making, request, signal });
      const folder = await folders.placeRoot(making, request);
      const root = this.#rootOf({ folders, folder, record });
      root.warmUp();
      await root.applyNetworkPolicy(request.networkPolicy);
      return root;
    } catch (error) {
      await removeTree(making);
      throw error;
    }
  }

  async adopt(handle: Json): Promise<Root | undefined> {
    const folders = await this.#open();
    const parsed = RootHandle.safeParse(handle);
    if (!parsed.success) return undefined;
    const { folder, sessionId } = parsed.data;
    const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
    // The folder may be a later session's of the same sandbox.
    if (record?.sessionId !== sessionId) return undefined;
    return this.#rootOf({ folders, folder, record });
  }

  async measureSnapshot(snapshotId: string): Promise<{ sizeBytes: number } | undefined> {
    const folders = await this.#open();
    const record = await readSnapshot(folders, snapshotId);
    return record && { sizeBytes: record.sizeBytes };
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    const folders = await this.#open();
    await folders.discard(folders.snapshot(snapshotId));
  }

  async ensureDrive(driveId: string): Promise<void> {
    const folders = await this.#open();
    await mkdir(folders.drive(driveId), { recursive: true });
  }

  async deleteDrive(driveId: string): Promise<void> {
    await discardDrive(await this.#open(), driveId);
  }

  async openDrive(driveId: string): Promise<DriveTree & Disposable> {
    const directory = (await this.#open()).drive(driveId);
    const hostRoot = await realpath(directory).catch((cause: unknown) => {
      throw Object.assign(driveGone(driveId), { cause });
    });
    const user = confinedFileTree(new PathMap({ hostRoot, argumentRoots: [] }));
    const files = new ConfinedFiles({ user, root: user, rootForUser: user }, this.#metadata);
    return Object.assign(files, { [Symbol.dispose]: () => undefined });
  }

  async copyDrive(sourceId: string, targetId: string): Promise<void> {
    await copyDrive(await this.#open(), { sourceId, targetId });
  }

  async sweep(known: { roots: Json[]; snapshotIds: string[]; driveIds: string[] }): Promise<void> {
    const folders = await this.#open();
    const handles = known.roots.map((handle) => RootHandle.safeParse(handle));
    const kept = new Set(handles.flatMap(({ data }) => (data ? [data.sessionId] : [])));
    for (const folder of await folders.list("roots")) {
      const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
      if (record && kept.has(record.sessionId)) continue;
      if (record) await killTree({ sessionId: record.sessionId, recorders: new Set() });
      await folders.discard(folders.root(folder));
    }
    const snapshots = await folders.list("snapshots");
    for (const id of snapshots.filter((one) => !known.snapshotIds.includes(one))) {
      await folders.discard(folders.snapshot(id));
    }
    await sweepDrives(folders, known.driveIds);
    await folders.clearTemporary();
  }

  async exchange(): Promise<Exchange> {
    return processExchange(await this.#open());
  }

  discardPrefix(file: string, bytes: number): Promise<boolean> {
    return discardPrefix(file, bytes);
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots) root.letGo();
    this.#roots.clear();
    this.#metadata[Symbol.dispose]();
  }

  #rootOf(place: { folders: StateFolders; folder: string; record: RootRecord }): ProcessRoot {
    const { baseEnv, log } = this.#options;
    const root = new ProcessRoot({
      ...place,
      baseEnv,
      metadata: this.#metadata,
      ...(log && { log }),
      ended: () => this.#roots.delete(root),
    });
    this.#roots.add(root);
    return root;
  }

  #open(): Promise<StateFolders> {
    this.#folders ??= openFolders(this.#options.directory);
    return this.#folders;
  }
}

async function openFolders(directory: string): Promise<StateFolders> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Commands see their own paths with all links resolved; ours have to be the same.
  const folders = new StateFolders(await realpath(directory));
  await folders.make({ mode: 0o700 });
  return folders;
}
