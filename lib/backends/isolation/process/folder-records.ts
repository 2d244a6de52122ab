import * as z from "zod";

/** What a root's folder says of itself, so that it can be taken up again or cleared away. */
export const RootRecord = z.object({
  sessionId: z.string(),
  sandboxName: z.string(),
  cwd: z.string(),
  home: z.string(),
  mounts: z.array(
    z.object({
      /** Goes through no link. */
      path: z.string(),
      driveId: z.string(),
      mode: z.enum(["read-write", "snapshot"]),
      /** Whether something lay there before, which comes back when the mount goes. */
      hides: z.boolean(),
    }),
  ),
  /** Exposed port and the port on which the program should listen. */
  backendPorts: z.array(z.tuple([z.number(), z.number()])),
});
export type RootRecord = z.output<typeof RootRecord>;

/** What a snapshot's folder says of itself; there only when the snapshot is whole. */
export const SnapshotRecord = z.object({
  sizeBytes: z.number(),
  opened: z.array(z.object({ path: z.string(), mode: z.number() })),
});
export type SnapshotRecord = z.output<typeof SnapshotRecord>;
