import * as z from "zod";
import { DEFAULTS } from "./defaults.ts";
import { LIMITS } from "./limits.ts";
import { NetworkPolicy } from "./network-policy.ts";

/** A name that is safe as a path segment, a host label's part and a URL segment. */
export const Name = z
  .string()
  .min(1)
  .max(LIMITS.nameLength)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    message:
      "a name starts with a letter or digit and holds only letters, digits, dots, dashes and underscores",
  });

export const Port = z.int().min(1).max(65_535);

export const Ports = z
  .array(Port)
  .max(LIMITS.ports, { message: `ports should NOT have more than ${LIMITS.ports} items` })
  .refine((ports) => new Set(ports).size === ports.length, {
    message: "each port may be named once",
  });

/** Environment variables: names as the C library allows them, values without a NUL. */
export const Environment = z
  .record(
    z.string().regex(/^[^=\0]+$/, { message: "a variable's name holds neither = nor NUL" }),
    z.string().refine((value) => !value.includes("\0"), { message: "a value holds no NUL" }),
  )
  .refine((env) => Object.keys(env).length <= LIMITS.envEntries, {
    message: `at most ${LIMITS.envEntries} variables`,
  });

export const Tags = z
  .record(z.string().min(1).max(LIMITS.tagKeyLength), z.string().max(LIMITS.tagValueLength))
  .refine((tags) => Object.keys(tags).length <= LIMITS.tags, {
    message: `a sandbox has at most ${LIMITS.tags} tags`,
  });

export const TimeoutMs = z.int().min(LIMITS.timeoutMinMs);

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

export const Vcpus = z
  .int()
  .min(1)
  .max(LIMITS.vcpus)
  .refine((vcpus) => vcpus === 1 || vcpus % 2 === 0, {
    message: "vcpus is 1 or an even number",
  });

const settings = {
  ports: Ports,
  timeoutMs: TimeoutMs,
  vcpus: Vcpus,
  runtime: z.string().min(1),
  image: z.string().min(1),
  persistent: z.boolean(),
  networkPolicy: NetworkPolicy,
  networkId: z.string().min(1),
  env: Environment,
  tags: Tags,
  snapshotExpirationMs: SnapshotExpirationMs,
  keepLastSnapshots: KeepLastSnapshots,
  mounts: Mounts,
  region: z.string().min(1),
  failoverRegions: z.array(z.string().min(1)).max(LIMITS.failoverRegions),
};

/** A sandbox as a caller asks for it. */
export const CreateSandboxRequest = z.strictObject({
  /** Absent: a name is made up. */
  name: Name.optional(),
  source: Source.optional(),
  ports: settings.ports.default([]),
  timeoutMs: settings.timeoutMs.default(DEFAULTS.timeoutMs),
  vcpus: settings.vcpus.default(DEFAULTS.vcpus),
  runtime: settings.runtime.optional(),
  image: settings.image.optional(),
  persistent: settings.persistent.default(true),
  networkPolicy: settings.networkPolicy.default({ mode: "allow-all" }),
  networkId: settings.networkId.optional(),
  env: settings.env.default({}),
  tags: settings.tags.optional(),
  snapshotExpirationMs: settings.snapshotExpirationMs.optional(),
  keepLastSnapshots: settings.keepLastSnapshots.optional(),
  mounts: settings.mounts.optional(),
  region: settings.region.default(DEFAULTS.region),
  failoverRegions: settings.failoverRegions.optional(),
});
export type CreateSandboxRequest = z.output<typeof CreateSandboxRequest>;
export type CreateSandboxRequestInput = z.input<typeof CreateSandboxRequest>;

/** A copy of a sandbox: each given field replaces the copied one. */
export const ForkSandboxRequest = z.strictObject({
  name: Name.optional(),
  ports: settings.ports.optional(),
  timeoutMs: settings.timeoutMs.optional(),
  vcpus: settings.vcpus.optional(),
  image: settings.image.optional(),
  persistent: settings.persistent.optional(),
  networkPolicy: settings.networkPolicy.optional(),
  networkId: settings.networkId.optional(),
  env: settings.env.optional(),
  tags: settings.tags.optional(),
  snapshotExpirationMs: settings.snapshotExpirationMs.optional(),
  keepLastSnapshots: settings.keepLastSnapshots.optional(),
  region: settings.region.optional(),
  failoverRegions: settings.failoverRegions.optional(),
});
export type ForkSandboxRequest = z.output<typeof ForkSandboxRequest>;

/** Changes to a sandbox; `null` clears. All but `ports` hold from the next session on. */
export const UpdateSandboxRequest = z.strictObject({
  persistent: settings.persistent.optional(),
  vcpus: settings.vcpus.optional(),
  timeoutMs: settings.timeoutMs.optional(),
  networkPolicy: settings.networkPolicy.optional(),
  networkId: settings.networkId.nullable().optional(),
  tags: settings.tags.optional(),
  ports: settings.ports.optional(),
  snapshotExpirationMs: settings.snapshotExpirationMs.optional(),
  keepLastSnapshots: settings.keepLastSnapshots.nullable().optional(),
  currentSnapshotId: z.string().min(1).optional(),
  region: settings.region.optional(),
  failoverRegions: settings.failoverRegions.optional(),
  mounts: settings.mounts.optional(),
});
export type UpdateSandboxRequest = z.output<typeof UpdateSandboxRequest>;

export const SandboxStatus = z.enum(["running", "stopping", "snapshotting", "stopped"]);
export type SandboxStatus = z.output<typeof SandboxStatus>;

/** A sandbox as it is kept. Times are milliseconds since the epoch. */
export const Sandbox = z.object({
  name: Name,
  status: SandboxStatus,
  statusUpdatedAt: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
  persistent: z.boolean(),
  ports: z.array(Port),
  timeoutMs: z.int(),
  vcpus: z.int(),
  memoryMb: z.int(),
  runtime: z.string().optional(),
  image: z.string().optional(),
  networkPolicy: NetworkPolicy,
  networkId: z.string().optional(),
  env: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()).optional(),
  mounts: z.record(z.string(), Mount).optional(),
  snapshotExpirationMs: z.int().optional(),
  keepLastSnapshots: KeepLastSnapshots.optional(),
  region: z.string(),
  failoverRegions: z.array(z.string()).optional(),
  cwd: z.string(),
  currentSessionId: z.string(),
  currentSnapshotId: z.string().optional(),
  /** The host's port for each exposed port: stable for the sandbox's whole life. */
  hostPorts: z.record(z.string(), Port),
  totals: z.object({
    activeCpuMs: z.number(),
    ingressBytes: z.number(),
    egressBytes: z.number(),
    durationMs: z.number(),
  }),
  /** Set while a deletion is under way, so that a restart can finish it. */
  deleting: z.boolean().optional(),
});
export type Sandbox = z.output<typeof Sandbox>;

export const SessionStatus = z.enum([
  "pending",
  "running",
  "stopping",
  "snapshotting",
  "stopped",
  "failed",
  "aborted",
]);
export type SessionStatus = z.output<typeof SessionStatus>;

/** One running period of a sandbox. Times are milliseconds since the epoch. */
export const Session = z.object({
  id: z.string(),
  sandboxName: Name,
  status: SessionStatus,
  requestedAt: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
  startedAt: z.int().optional(),
  requestedStopAt: z.int().optional(),
  snapshottedAt: z.int().optional(),
  stoppedAt: z.int().optional(),
  abortedAt: z.int().optional(),
  durationMs: z.number().optional(),
  /** From `startedAt`. */
  timeoutMs: z.int(),
  vcpus: z.int(),
  memoryMb: z.int(),
  region: z.string(),
  runtime: z.string().optional(),
  cwd: z.string(),
  networkPolicy: NetworkPolicy,
  sourceSnapshotId: z.string().optional(),
  activeCpuMs: z.number().optional(),
  ingressBytes: z.number().optional(),
  egressBytes: z.number().optional(),
  memoryPeakBytes: z.number().optional(),
  /** Of the snapshot that was kept at its end. */
  diskBytes: z.number().optional(),
  /** The snapshot that is being made of this session: its files may already be under that id. */
  capturingSnapshotId: z.string().optional(),
  /** What the isolation backend needs to find this session's root again after a restart. */
  root: z.json().optional(),
  isolation: z.string().optional(),
});
export type Session = z.output<typeof Session>;

/** Where a port of a sandbox is reached from this machine. */
export interface Route {
  port: number;
  hostPort: number;
  url: string;
}
