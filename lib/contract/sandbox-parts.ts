import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { Name } from "./name.ts";

/** Milliseconds from the last use until a snapshot goes; 0 means never. */
export const SnapshotExpirationMs = z.int().nonnegative();

export const KeepLastSnapshots = z.strictObject({
  count: z.int().min(1).max(LIMITS.keepLastSnapshots),
  /** Lifetime of the snapshots that are kept; absent means the sandbox's own setting. */
  expirationMs: SnapshotExpirationMs.optional(),
  /** Whether older ones are deleted, or just get the usual expiry. */
  deleteEvicted: z.boolean().default(true),
});
export type KeepLastSnapshots = z.output<typeof KeepLastSnapshots>;

export const Mount = z.strictObject({
  drive: Name,
  mode: z.enum(["read-write", "snapshot"]).default("read-write"),
});
export type Mount = z.output<typeof Mount>;

export const Mounts = z
  .record(z.string().regex(/^\/./, { message: "a mount's path is absolute" }), Mount)
  .refine((mounts) => Object.keys(mounts).length <= LIMITS.drivesPerSandbox, {
    message: `a sandbox mounts at most ${LIMITS.drivesPerSandbox} drives`,
  });
export type Mounts = z.output<typeof Mounts>;

/** What a new sandbox's files start from. */
export const Source = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("git"),
    url: z.string().min(1),
    depth: z.int().positive().optional(),
    revision: z.string().min(1).optional(),
    username: z.string().optional(),
    password: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("tarball"), url: z.url() }),
  z.strictObject({ type: z.literal("snapshot"), snapshotId: z.string().min(1) }),
]);
export type Source = z.output<typeof Source>;
