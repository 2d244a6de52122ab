import * as z from "zod";
import { DEFAULTS } from "./defaults.ts";
import { LIMITS } from "./limits.ts";
import { Name, VariableName } from "./name.ts";
import { NetworkPolicy } from "./network-policy.ts";
import { Kept, Life, OnTimeout } from "./sandbox-life.ts";
import { KeepLastSnapshots, Mount, Mounts, SnapshotExpirationMs, Source } from "./sandbox-parts.ts";
import { SandboxTemplate } from "./sandbox-template.ts";
import { SandboxUser } from "./sandbox-user.ts";
import { SecretVariables } from "./secret.ts";

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
    VariableName,
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

/** The engine bounds it from above by `LIMITS.longestTimeoutMs`, with an error of its own. */
export const TimeoutMs = z.int().min(LIMITS.timeoutMinMs);

export const Vcpus = z
  .int()
  .min(1)
  .max(LIMITS.vcpus)
  .refine((vcpus) => vcpus === 1 || vcpus % 2 === 0, {
    message: "vcpus is 1 or an even number",
  });

export const MemoryMb = z.int().min(LIMITS.memoryMbMin).max(LIMITS.memoryMbMax);

const settings = {
  ports: Ports,
  timeoutMs: TimeoutMs,
  vcpus: Vcpus,
  memoryMb: MemoryMb,
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
  user: SandboxUser,
  onTimeout: OnTimeout,
  pauseMemory: z.boolean(),
  autoResume: z.boolean(),
  life: Life,
  kept: Kept,
  secrets: SecretVariables,
};

/** A sandbox as a caller asks for it. */
export const CreateSandboxRequest = z.strictObject({
  /** Absent: a name is made up. */
  name: Name.optional(),
  source: Source.optional(),
  ports: settings.ports.default([]),
  timeoutMs: settings.timeoutMs.default(DEFAULTS.timeoutMs),
  /** Absent: as the template has it. */
  vcpus: settings.vcpus.default(DEFAULTS.vcpus),
  /** Absent: as the template has it, otherwise by the number of processors. */
  memoryMb: settings.memoryMb.optional(),
  /** A template's name, with a tag or without, or its id: files, variables, directory and user to start with. */
  template: z.string().min(1).optional(),
  /** Variables that hold placeholders of secrets. */
  secrets: settings.secrets.optional(),
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
  /** By which of its three names its default user is known; decides its home and where commands start. */
  user: settings.user.default(DEFAULTS.user),
  onTimeout: settings.onTimeout.default("stop"),
  /** Whether a pause at the timeout keeps the memory. */
  pauseMemory: settings.pauseMemory.optional(),
  /** Kept for whoever sees traffic to it: whether that may resume it. */
  autoResume: settings.autoResume.optional(),
  life: settings.life.optional(),
  kept: settings.kept.optional(),
});
export type CreateSandboxRequest = z.output<typeof CreateSandboxRequest>;
export type CreateSandboxRequestInput = z.input<typeof CreateSandboxRequest>;

/** A copy of a sandbox: each given field replaces the copied one. */
export const ForkSandboxRequest = z.strictObject({
  name: Name.optional(),
  ports: settings.ports.optional(),
  timeoutMs: settings.timeoutMs.optional(),
  vcpus: settings.vcpus.optional(),
  memoryMb: settings.memoryMb.optional(),
  image: settings.image.optional(),
  persistent: settings.persistent.optional(),
  networkPolicy: settings.networkPolicy.optional(),
  networkId: settings.networkId.optional(),
  env: settings.env.optional(),
  secrets: settings.secrets.optional(),
  tags: settings.tags.optional(),
  snapshotExpirationMs: settings.snapshotExpirationMs.optional(),
  keepLastSnapshots: settings.keepLastSnapshots.optional(),
  region: settings.region.optional(),
  failoverRegions: settings.failoverRegions.optional(),
  onTimeout: settings.onTimeout.optional(),
  pauseMemory: settings.pauseMemory.optional(),
  autoResume: settings.autoResume.optional(),
  life: settings.life.optional(),
  /** Which files it begins with, instead of those that the source would resume from. */
  currentSnapshotId: z.string().min(1).optional(),
  /** Replaces what the source's faces kept, face by face. */
  kept: settings.kept.optional(),
});
export type ForkSandboxRequest = z.output<typeof ForkSandboxRequest>;

/**
 * Changes to a sandbox; `null` clears. `ports`, `env`, `secrets`, `onTimeout`, `pauseMemory`, `autoResume`, `life` and `kept`
 * hold at once, all others from the next session on.
 */
export const UpdateSandboxRequest = z.strictObject({
  persistent: settings.persistent.optional(),
  vcpus: settings.vcpus.optional(),
  memoryMb: settings.memoryMb.optional(),
  timeoutMs: settings.timeoutMs.optional(),
  networkPolicy: settings.networkPolicy.optional(),
  networkId: settings.networkId.nullable().optional(),
  secrets: settings.secrets.optional(),
  tags: settings.tags.optional(),
  ports: settings.ports.optional(),
  snapshotExpirationMs: settings.snapshotExpirationMs.optional(),
  keepLastSnapshots: settings.keepLastSnapshots.nullable().optional(),
  currentSnapshotId: z.string().min(1).optional(),
  region: settings.region.optional(),
  failoverRegions: settings.failoverRegions.optional(),
  mounts: settings.mounts.optional(),
  onTimeout: settings.onTimeout.optional(),
  pauseMemory: settings.pauseMemory.optional(),
  autoResume: settings.autoResume.optional(),
  life: settings.life.nullable().optional(),
  /** Replaces the sandbox's own variables, for whatever is started from now on. */
  env: settings.env.optional(),
  /** Replaces what each named face kept; null removes it. Other faces' stays. */
  kept: settings.kept.optional(),
});
export type UpdateSandboxRequest = z.output<typeof UpdateSandboxRequest>;

/** `paused`: frozen with its memory, or on disk alone when its latest session has ended. */
export const SandboxStatus = z.enum(["running", "stopping", "snapshotting", "stopped", "paused"]);
export type SandboxStatus = z.output<typeof SandboxStatus>;

/** A sandbox as it is kept. Times are milliseconds since the epoch. */
export const Sandbox = z.object({
  name: Name,
  /** Short, of small letters and digits alone, and never another's. */
  id: z.string(),
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
  secrets: SecretVariables.optional(),
  template: SandboxTemplate.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  mounts: z.record(z.string(), Mount).optional(),
  snapshotExpirationMs: z.int().optional(),
  keepLastSnapshots: KeepLastSnapshots.optional(),
  region: z.string(),
  failoverRegions: z.array(z.string()).optional(),
  user: SandboxUser.default(DEFAULTS.user),
  home: z.string().default(DEFAULTS.home),
  cwd: z.string(),
  onTimeout: OnTimeout.default("stop"),
  /** Absent: it does. */
  pauseMemory: z.boolean().optional(),
  autoResume: z.boolean().optional(),
  life: Life.optional(),
  kept: Kept.optional(),
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
  "paused",
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
  /** Since when it is frozen. */
  pausedAt: z.int().optional(),
  /** Its end is a pause: the sandbox is paused after it, not stopped. */
  endsPaused: z.boolean().optional(),
  /** For how long it was frozen before. */
  pausedMs: z.number().optional(),
  /** Without the time that it was frozen. */
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
