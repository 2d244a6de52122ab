import * as z from "zod";

/** What a root's folder says of itself, so that it can be taken up again, be a layer, or be cleared away. */
export const RootRecord = z.object({
  sessionId: z.string(),
  sandboxName: z.string(),
  cwd: z.string(),
  home: z.string(),
  ports: z.array(z.number()),
  /** Snapshots whose files lie below, the newest first. */
  layers: z.array(z.string()),
  vcpus: z.number(),
  memoryMb: z.number(),
  /** The session's first process; absent while there is none yet. */
  init: z.object({ pid: z.int().positive(), startTime: z.string() }).optional(),
});
export type RootRecord = z.output<typeof RootRecord>;

/** What a snapshot's folder says besides; there only when the snapshot is whole and not deleted. */
export const SnapshotRecord = z.object({
  /** Of its own layer. */
  ownBytes: z.number(),
});
export type SnapshotRecord = z.output<typeof SnapshotRecord>;
