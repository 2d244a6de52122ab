import * as z from "zod";

export const SnapshotStatus = z.enum(["created", "deleted", "failed"]);

/** A state of a sandbox's files. Times are milliseconds since the epoch. */
export const Snapshot = z.object({
  id: z.string(),
  sandboxName: z.string(),
  /** What its maker calls it. Not its own alone: of several, the newest is meant. */
  name: z.string().optional(),
  sourceSessionId: z.string(),
  parentId: z.string().optional(),
  status: SnapshotStatus,
  creationMethod: z.enum(["automatic", "manual"]),
  region: z.string(),
  sizeBytes: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
  lastUsedAt: z.int().optional(),
  /** How long it lives after its last use; absent means for ever. */
  expirationMs: z.int().optional(),
  /** When it goes if it is not used again. */
  expiresAt: z.int().optional(),
  /** Which isolation backend's format it is in. */
  isolation: z.string(),
});
export type Snapshot = z.output<typeof Snapshot>;

/** One step of a snapshot's line: the snapshot, and the others made from the same parent. */
export interface SnapshotTreeNode {
  snapshot: Snapshot;
  siblings: Snapshot[];
  /** How many siblings there are in all, without the snapshot itself. */
  siblingCount: number;
}
