import { DEFAULTS } from "../../contract/defaults.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { CreateSandboxRequest, UpdateSandboxRequest } from "../../contract/sandbox.ts";
import type { Capability } from "./capabilities.ts";
import { refusal, requireCapability } from "./capabilities.ts";
import type { Cloud } from "./cloud.ts";

/** Which word of the API needs what of the cloud. */
const OF_FIELDS: Partial<Record<keyof CreateSandboxRequest, Capability>> = {
  runtime: "runtime",
  image: "image",
  memoryMb: "resources",
  mounts: "drives",
  networkId: "networkId",
  failoverRegions: "regions",
  snapshotExpirationMs: "snapshotExpiration",
  keepLastSnapshots: "snapshotExpiration",
  secrets: "secrets",
  template: "templates",
  life: "timeout",
};

const NO_NAME = /^\d|\W/;

/** Throws `unsupported` for what the cloud cannot do, before anything is made there. */
export function checkCreation(cloud: Cloud, request: CreateSandboxRequest): void {
  for (const [field, capability] of Object.entries(OF_FIELDS)) {
    const value = request[field as keyof CreateSandboxRequest];
    if (value !== undefined) requireCapability(cloud, capability, field);
  }
  // What every request has, if only by default.
  if (request.vcpus !== DEFAULTS.vcpus) requireCapability(cloud, "resources", "vcpus");
  if (request.region !== DEFAULTS.region) requireCapability(cloud, "regions", "region");
  if (!request.persistent) requireCapability(cloud, "nonPersistent", "persistent: false");
  if (request.source?.type === "git") requireCapability(cloud, "git", "source: git");
  if (request.source?.type === "tarball") requireCapability(cloud, "tarball", "source: tarball");
  if (request.source?.type === "snapshot")
    requireCapability(cloud, "snapshots", "source: snapshot");
  if (request.networkPolicy.mode !== "allow-all") requireCapability(cloud, "network");
  checkTags(request.tags);
}

function checkTags(tags: Record<string, string> = {}): void {
  if (!Object.keys(tags).some((key) => key.startsWith("sandlot-"))) return;
  throw new SandboxError(
    "invalid_request",
    "A tag's name begins with sandlot-, which our own have on a cloud. Give it another one.",
  );
}

const CHANGED_BY_LABELS = ["ports", "timeoutMs", "persistent", "tags", "networkPolicy"] as const;

/** Throws `unsupported` for a change that the cloud would not keep. */
export function checkUpdate(cloud: Cloud, changes: UpdateSandboxRequest): void {
  for (const [field, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    const isKept = CHANGED_BY_LABELS.some((each) => each === field);
    if (!isKept) throw refusal(cloud, "update", `update of ${field}`);
    requireCapability(cloud, "update", `update of ${field}`);
  }
  if (changes.networkPolicy) requireCapability(cloud, "network");
  checkTags(changes.tags);
}

/** Throws for variables that a shell cannot pass on. */
export function checkVariables(env: Record<string, string>): void {
  const odd = Object.keys(env).find((name) => NO_NAME.test(name));
  if (odd === undefined) return;
  throw new SandboxError(
    "unsupported",
    `The variable ${JSON.stringify(odd)} was asked for, but on a cloud a variable's name holds letters, digits and underscores.`,
  );
}
