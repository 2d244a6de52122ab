import type { Command } from "../../contract/command.ts";
import type { Drive } from "../../contract/drive.ts";
import type { Snapshot, SnapshotTreeNode } from "../../contract/snapshot.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";

export function presentCommand(command: Command) {
  return withoutUndefined({
    id: command.id,
    name: command.cmd,
    args: command.args,
    cwd: command.cwd,
    sessionId: command.sessionId,
    exitCode: command.exitCode,
    startedAt: command.startedAt,
    durationMs: command.durationMs,
  });
}

export function presentSnapshot(snapshot: Snapshot) {
  return withoutUndefined({
    id: snapshot.id,
    sourceSessionId: snapshot.sourceSessionId,
    region: snapshot.region,
    regions: [snapshot.region],
    status: snapshot.status,
    sizeBytes: snapshot.sizeBytes,
    createdAt: snapshot.createdAt,
    updatedAt: snapshot.updatedAt,
    lastUsedAt: snapshot.lastUsedAt ?? snapshot.createdAt,
    expiresAt: snapshot.expiresAt,
    creationMethod: snapshot.creationMethod,
    parentId: snapshot.parentId,
  });
}

/** The count is of the whole generation, the snapshot itself included, and a text (the vendor's may end in +). */
export function presentTreeNode({ snapshot, siblings, siblingCount }: SnapshotTreeNode) {
  return {
    snapshot: presentSnapshot(snapshot),
    siblings: siblings.map(presentSnapshot),
    count: String(siblingCount + 1),
  };
}

/** There are no projects here: a drive belongs to whichever the caller named. */
export function presentDrive(drive: Drive, projectId: string) {
  return withoutUndefined({
    id: drive.id,
    name: drive.name,
    projectId,
    region: drive.region,
    maxSizeBytes: drive.maxSizeBytes,
    createdAt: drive.createdAt,
    updatedAt: drive.updatedAt,
    currentSessionId: drive.currentSessionId,
    currentSandboxName: drive.currentSandboxName,
  });
}
