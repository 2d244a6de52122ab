import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SandboxError } from "../../../contract/errors.ts";
import { USER_DIRECTORIES } from "../../../contract/sandbox-user.ts";
import type { PrepareRequest } from "../../../engine/ports.ts";
import { ConfinedDirectories } from "../confined-directories.ts";
import { copyTree } from "../copy-tree.ts";
import { shutAgain } from "../file-tree.ts";
import { readRecord, type StateFolders, writeRecord } from "../state-folders.ts";
import { type RootRecord, SnapshotRecord } from "./folder-records.ts";
import { mountDrives } from "./mounted-drives.ts";
import { PathMap } from "./path-map.ts";
import { chooseBackendPort } from "./session-ports.ts";

export interface RootInMaking {
  folders: StateFolders;
  /** Where to make the root's folder; whoever asks moves it to its place, or deletes it. */
  making: string;
  request: PrepareRequest;
  signal?: AbortSignal | undefined;
}

/** Makes a root's folder with all that belongs in it. Throws `snapshot_gone`, `storage_full`. */
export async function makeRoot(root: RootInMaking): Promise<RootRecord> {
  const { folders, making, request, signal } = root;
  const files = join(making, "files");
  await mkdir(making, { mode: 0o700 });
  const backendPorts: [number, number][] = [];
  for (const { port } of request.ports) backendPorts.push([port, await chooseBackendPort()]);
  if (request.snapshotId === undefined) await mkdir(files);
  else await restore(folders, request.snapshotId, { files, signal });
  const record: RootRecord = {
    sessionId: request.sessionId,
    sandboxName: request.sandboxName,
    cwd: request.cwd,
    home: request.home,
    mounts: await mountDrives({ folders, root: making }, request.mounts),
    backendPorts,
  };
  await using directories = new ConfinedDirectories(rootPathMap(folders, files, record));
  for (const path of new Set(["/tmp", ...USER_DIRECTORIES, request.home, request.cwd]))
    await directories.at(path, { make: true });
  await writeRecord(join(making, "root.json"), record);
  signal?.throwIfAborted();
  return record;
}

/** The paths of a root whose files are in the given host directory. */
export function rootPathMap(folders: StateFolders, files: string, record: RootRecord): PathMap {
  const shared = record.mounts.filter(({ mode }) => mode === "read-write");
  const own = [record.cwd, record.home, ...record.mounts.map(({ path }) => path)];
  return new PathMap({
    hostRoot: files,
    mounts: shared.map(({ path, driveId }) => ({ path, hostDirectory: folders.drive(driveId) })),
    argumentRoots: [...USER_DIRECTORIES, "/tmp", ...own.filter((path) => path !== "/")],
  });
}

/** What a snapshot's folder says of itself; undefined when there is no such snapshot, whole. */
export function readSnapshot(folders: StateFolders, snapshotId: string) {
  return readRecord(join(folders.snapshot(snapshotId), "snapshot.json"), SnapshotRecord);
}

/** Copies a snapshot's files to a path where there is nothing yet. Throws `snapshot_gone`. */
export async function restore(
  folders: StateFolders,
  snapshotId: string,
  { files, signal }: { files: string; signal: AbortSignal | undefined },
): Promise<void> {
  const record = await readSnapshot(folders, snapshotId);
  if (!record) {
    throw new SandboxError("snapshot_gone", `The files of snapshot ${snapshotId} are gone.`);
  }
  await copyTree(join(folders.snapshot(snapshotId), "files"), files, { signal });
  await shutAgain(files, record.opened);
}
