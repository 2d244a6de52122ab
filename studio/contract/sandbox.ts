import * as z from "zod";
import { Id, SandboxId, Timestamp } from "./ids.ts";

export const SandboxStatus = z.enum([
  "pending",
  "running",
  "stopping",
  "stopped",
  "failed",
  "aborted",
  "snapshotting",
]);
export type SandboxStatus = z.output<typeof SandboxStatus>;

/** A port that a sandbox exposes. */
const ExposedPort = z.object({ port: z.int(), url: z.string() });

/** A sandbox, as lists show it. What is not known, such as the disk of one in the cloud, is absent. */
export const SandboxSummary = z.object({
  sandboxId: SandboxId,
  status: SandboxStatus,
  /** Empty while it is stopped. */
  ports: z.array(ExposedPort),
  /** The studio's project that it belongs to. */
  project: z.object({ id: Id, name: z.string() }).optional(),
  createdAt: Timestamp,
  /** When a running one is stopped by itself. */
  expiresAt: Timestamp.optional(),
  vcpus: z.number().optional(),
  memoryMb: z.number().optional(),
  runningCommands: z.int().optional(),
  diskBytes: z.int().optional(),
  /** Processor time of all its life. */
  cpuMs: z.int().optional(),
});
export type SandboxSummary = z.output<typeof SandboxSummary>;

/** GET /api/sandboxes: newest first. */
export const SandboxList = z.object({ sandboxes: z.array(SandboxSummary) });
export type SandboxList = z.output<typeof SandboxList>;

/**
 * POST /api/sandboxes/[sandboxId]. `stop` keeps the files; `resume` starts it again; `snapshot` keeps a state
 * and stops it; `fork` makes a second one with the same files. DELETE removes it with its files.
 */
export const SandboxActionRequest = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("stop") }),
  z.strictObject({ action: z.literal("resume") }),
  z.strictObject({ action: z.literal("snapshot") }),
  z.strictObject({
    action: z.literal("fork"),
    /** Of the new one; made up if absent. */
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be letters, digits, dots, - and _")
      .optional(),
  }),
]);
export type SandboxActionRequest = z.output<typeof SandboxActionRequest>;

export const SandboxActionAnswer = z.object({
  /** The sandbox after it; of `fork`, the new one. */
  sandbox: SandboxSummary,
  snapshotId: z.string().optional(),
});
export type SandboxActionAnswer = z.output<typeof SandboxActionAnswer>;
