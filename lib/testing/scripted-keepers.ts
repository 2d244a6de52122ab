import { posix } from "node:path";
import { type Drive, DriveRequest } from "../contract/drive.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Snapshot, SnapshotTreeNode } from "../contract/snapshot.ts";
import type { Drives, Snapshots } from "../engine/engine.ts";
import type { DriveFiles, DrivePermissions } from "../engine/file-words.ts";
import type { ScriptedFileTree } from "./scripted-file-tree.ts";
import { pageOf, type ScriptedState } from "./scripted-state.ts";

export function scriptedSnapshots(state: ScriptedState): Snapshots {
  const find = (id: string): Snapshot => {
    const snapshot = state.snapshots.get(id);
    if (snapshot) return snapshot;
    throw new SandboxError("snapshot_not_found", `There is no snapshot ${id}.`);
  };
  const node = (snapshot: Snapshot): SnapshotTreeNode => ({
    snapshot,
    siblings: [],
    siblingCount: 0,
  });
  return {
    get: async (id) => find(id),
    list({ sandboxName, ...request }) {
      const own = [...state.snapshots.values()].filter(
        (snapshot) => sandboxName === undefined || snapshot.sandboxName === sandboxName,
      );
      return pageOf(own, { ...request, sortBy: "createdAt" });
    },
    async delete(id) {
      const deleted: Snapshot = { ...find(id), status: "deleted" };
      state.snapshots.set(id, deleted);
      return deleted;
    },
    async tree({ anchorId, limit, sortOrder }) {
      const nodes: SnapshotTreeNode[] = [];
      let last = find(anchorId);
      const following = () =>
        sortOrder === "desc"
          ? state.snapshots.get(last.parentId ?? "")
          : [...state.snapshots.values()].find(({ parentId }) => parentId === last.id);
      for (let next = following(); next && nodes.length < limit; next = following()) {
        nodes.push(node(next));
        last = next;
      }
      return { anchor: node(find(anchorId)), nodes, ...(following() && { next: last.id }) };
    },
  };
}

export function scriptedDrives(state: ScriptedState): Drives {
  const find = (nameOrId: string): Drive => {
    const drive = [...state.drives.values()].find(
      ({ id, name }) => id === nameOrId || name === nameOrId,
    );
    if (drive) return drive;
    throw new SandboxError("drive_not_found", `There is no drive ${nameOrId}.`);
  };
  const make = (request: DriveRequest): Drive => {
    const now = state.now();
    const drive = {
      ...DriveRequest.parse(request),
      id: state.id("drive"),
      createdAt: now,
      updatedAt: now,
    };
    state.drives.set(drive.name, drive);
    return drive;
  };
  return {
    async getOrCreate(request) {
      const existing = state.drives.get(request.name);
      return existing
        ? { drive: existing, created: false }
        : { drive: make(request), created: true };
    },
    get: async (nameOrId) => find(nameOrId),
    list({ sortBy = "createdAt", namePrefix = "", ...request }) {
      const chosen = [...state.drives.values()].filter(({ name }) => name.startsWith(namePrefix));
      return pageOf(chosen, { ...request, sortBy });
    },
    async fork(sourceName, request) {
      find(sourceName);
      if (state.drives.has(request.name)) {
        throw new SandboxError("name_taken", `A drive named ${request.name} exists already.`);
      }
      return make(request);
    },
    files: (nameOrId) => scriptedDriveFiles(() => state.tree(find(nameOrId).id)),
    async delete(name) {
      const drive = find(name);
      if (drive.currentSandboxName !== undefined) {
        throw new SandboxError("drive_in_use", `Drive ${name} is in use.`);
      }
      state.drives.delete(drive.name);
      return drive;
    },
  };
}

function scriptedDriveFiles(tree: () => ScriptedFileTree): DriveFiles {
  const at = (path: string) => posix.resolve("/", path);
  const give = (path: string, { uid, gid, mode }: DrivePermissions) =>
    tree().setPermissions(at(path), {
      ...(uid !== undefined && { owner: uid }),
      ...(gid !== undefined && { group: gid }),
      ...(mode !== undefined && { mode }),
    });
  return {
    stat: async (path) => tree().stat(at(path)),
    list: async (path, { depth = 1 } = {}) => tree().list(at(path), { depth }),
    async makeDirectory(path, { recursive, ...permissions }) {
      const created = recursive ? tree().makeAll(at(path)) : true;
      if (!recursive) tree().make(at(path));
      return { created, info: created ? give(path, permissions) : tree().stat(at(path)) };
    },
    remove: async (path, { recursive = true } = {}) => tree().remove(at(path), { recursive }),
    read: async (path, range) => tree().read(at(path), range),
    async write(path, content, { uid, gid, mode } = {}) {
      await tree().write({ path: at(path), content });
      return give(path, {
        ...(uid !== undefined && { uid }),
        ...(gid !== undefined && { gid }),
        ...(mode !== undefined && { mode }),
      });
    },
    setPermissions: async (path, permissions) => give(path, permissions),
  };
}
