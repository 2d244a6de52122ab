import * as z from "zod";
import { Name } from "../name.ts";
import { CreateSandboxRequest, Port, SandboxStatus } from "../sandbox.ts";
import { resultOf } from "./operation-error.ts";

/** Which sandbox an operation is about: its name. */
export const sandboxId = Name;

const Reached = z.object({
  port: Port,
  /** Absent where the sandbox is on another machine than the caller, with nothing that leads there. */
  url: z.string().optional(),
});

const shape = CreateSandboxRequest.shape;

export const CreateSandboxPayload = z.strictObject({
  /** The name under which it is found again. The same name twice gives the same sandbox. Absent: one per run. */
  sandboxId: sandboxId.optional(),
  source: shape.source,
  ports: shape.ports,
  timeoutMs: shape.timeoutMs,
  vcpus: shape.vcpus,
  runtime: shape.runtime,
  image: shape.image,
  persistent: shape.persistent,
  env: shape.env,
  tags: shape.tags,
});

export const CreateSandboxResult = resultOf({
  sandboxId: z.string(),
  /** False: it was there already, and is as it was. */
  created: z.boolean(),
  status: SandboxStatus,
  ports: z.array(Reached),
});

export const GetSandboxUrlPayload = z.strictObject({ sandboxId, port: Port });
export const GetSandboxUrlResult = resultOf({
  sandboxId: z.string(),
  port: Port,
  /** Reached from the machine on which the sandbox is. */
  url: z.string(),
});

export const GetSandboxStatusPayload = z.strictObject({ sandboxId });
export const GetSandboxStatusResult = resultOf({
  sandboxId: z.string(),
  status: SandboxStatus,
  persistent: z.boolean(),
  ports: z.array(Reached),
  cwd: z.string(),
  vcpus: z.int().optional(),
  memoryMb: z.int().optional(),
  /** Milliseconds since the epoch, as all times here. */
  createdAt: z.int(),
  updatedAt: z.int(),
  /** When its session ends unless it is extended; absent while it is stopped. */
  expiresAt: z.int().optional(),
});

export const StopSandboxPayload = z.strictObject({
  sandboxId,
  /** Also deletes it, with its files and snapshots. */
  delete: z.boolean().default(false),
});
export const StopSandboxResult = resultOf({
  sandboxId: z.string(),
  /** What it was found as; a stopped one may be stopped again. */
  previousStatus: SandboxStatus,
  status: z.enum(["stopped", "deleted"]),
  /** Of a persistent sandbox: where its files are kept. */
  snapshotId: z.string().optional(),
});
