import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { Environment, Tags } from "../../../contract/sandbox.ts";
import { WireNetwork } from "./wire-network.ts";

// The vendor's own schemas take fields that they do not know, so these do, too.

const Seconds = z.int().min(0);
/** Of a sandbox that begins: the engine starts none whose end has come. */
const Lifetime = z.int().min(LIMITS.timeoutMinMs / 1_000);

const VolumeMount = z.object({
  name: z.string().min(1),
  path: z.string().regex(/^\/./, { message: "a mount's path is absolute" }),
});

/** What both versions of a new sandbox have; all defaults but the timeout's are the server's in both. */
const newSandbox = {
  templateID: z.string().min(1),
  metadata: Tags.optional(),
  envVars: Environment.optional(),
  allow_internet_access: z.boolean().nullish(),
  network: WireNetwork.optional(),
  autoPause: z.boolean().default(false),
  autoPauseMemory: z.boolean().default(true),
  autoResume: z.object({ enabled: z.boolean() }).optional(),
  volumeMounts: z.array(VolumeMount).optional(),
  mcp: z.record(z.string(), z.unknown()).nullish(),
  iam: z.object({ tokens: z.record(z.string(), z.unknown()).optional() }).optional(),
};

/** Of `POST /v2/sandboxes`: what clients since 2.51 send. */
export const NewSandboxV2 = z.object({ ...newSandbox, timeout: Lifetime.default(300) });
export type NewSandboxV2 = z.output<typeof NewSandboxV2>;

/** Of `POST /sandboxes`. Its clients name a timeout themselves; who does not gets what the contract says. */
export const NewSandbox = z.object({
  ...newSandbox,
  timeout: Lifetime.default(15),
  secure: z.boolean().default(false),
});

export const ConnectBody = z.object({ timeout: Seconds, memory: z.boolean().default(true) });
export const ConnectBodyV2 = ConnectBody.extend({ timeout: Seconds.default(300) });
export const ResumeBody = ConnectBody.extend({ timeout: Seconds.default(15) });
export const TimeoutBody = z.object({ timeout: Seconds });
/** Absent: a minute, as the oldest clients expect. */
export const RefreshBody = z.object({ duration: z.int().min(0).max(3_600).default(60) });
export const PauseBody = z.object({ memory: z.boolean().default(true) });
export const ForkBody = z.object({
  count: z.int().min(1).max(100).default(1),
  timeout: Lifetime.default(300),
});

/** Seconds on the wire, milliseconds within. Throws `sandbox_timeout_invalid` over the vendor's 24 hours. */
export function toTimeoutMs(seconds: number): number {
  const timeoutMs = seconds * 1_000;
  if (timeoutMs <= LIMITS.sessionTimeoutMs) return timeoutMs;
  const hours = LIMITS.sessionTimeoutMs / 3_600_000;
  throw new SandboxError(
    "sandbox_timeout_invalid",
    `Timeout cannot be greater than ${hours} hours; given was ${seconds} seconds.`,
  );
}
