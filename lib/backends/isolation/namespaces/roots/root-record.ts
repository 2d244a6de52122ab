import * as z from "zod";
import { DEFAULTS } from "../../../../contract/defaults.ts";
import { SandboxUser } from "../../../../contract/sandbox-user.ts";

/** What a root's folder says of itself, so that it can be taken up again, be a layer, or be cleared away. */
export const RootRecord = z.object({
  sessionId: z.string(),
  sandboxName: z.string(),
  cwd: z.string(),
  home: z.string(),
  user: SandboxUser.default(DEFAULTS.user),
  ports: z.array(z.number()),
  /** Snapshots whose files lie below, the newest first. */
  layers: z.array(z.string()),
  vcpus: z.number(),
  memoryMb: z.number(),
  /** The session's first process; absent while there is none yet. */
  init: z.object({ pid: z.int().positive(), startTime: z.string() }).optional(),
});
export type RootRecord = z.output<typeof RootRecord>;

/** As much as is said of a layer that was never a root. */
export const LayerRecord = RootRecord.pick({ layers: true });
export type LayerRecord = z.output<typeof LayerRecord>;

/** What a snapshot's folder says besides; there only when the snapshot is whole and not deleted. */
export const SnapshotRecord = z.object({
  /** Of its own layer. */
  ownBytes: z.number(),
  /** The one layer that holds the same as its own and all below. */
  merged: z.string().optional(),
});
export type SnapshotRecord = z.output<typeof SnapshotRecord>;
