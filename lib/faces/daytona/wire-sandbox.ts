import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Name } from "../../contract/name.ts";
import { type CreateSandboxRequestInput, Environment, Tags } from "../../contract/sandbox.ts";
import type { Life } from "../../contract/sandbox-life.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { toKept } from "./kept.ts";
import { NetworkSettings, toNetworkPolicy } from "./wire-network.ts";

/** What the vendor gives to whoever asks for nothing. */
const DEFAULT_CPU = 1;
const DEFAULT_MEMORY_GIB = 1;
const DEFAULT_AUTO_STOP_MINUTES = 15;

const MINUTE_MS = 60_000;
export const Minutes = z.coerce.number().pipe(
  z
    .int()
    .nonnegative()
    .max(LIMITS.longestTimeoutMs / MINUTE_MS),
);
/** Negative means never. */
export const DeleteMinutes = z.coerce.number().pipe(
  z
    .int()
    .min(-1)
    .max(LIMITS.longestTimeoutMs / MINUTE_MS),
);

const Volume = z.object({
  volumeId: z.string().min(1),
  mountPath: z.string().min(1),
  subpath: z.string().optional(),
});

/** One pair of a variable and a secret's name; the vendor sends a list of these. */
export const SecretPairs = z
  .array(z.record(z.string(), z.string()))
  .transform((pairs) => Object.fromEntries(pairs.flatMap((pair) => Object.entries(pair))));

/** What is asked of the machine, of a sandbox or of a snapshot: GiB, but for `cpu` and `gpu`. */
export const Resources = z.object({
  cpu: z.int().min(1).max(LIMITS.vcpus).optional(),
  memory: z.int().min(1).optional(),
  disk: z.int().min(1).optional(),
  gpu: z.int().nonnegative().optional(),
  gpuType: z.array(z.string()).optional(),
});

/** The Dockerfile that an image is built from. */
export const BuildInfo = z.object({
  dockerfileContent: z.string().min(1),
  contextHashes: z.array(z.string()).optional(),
});

/** Why there is no context for a build. */
export const NO_UPLOADS = "files for a build cannot be uploaded here; upload them to the sandbox";

/** Of `POST /sandbox`. */
export const CreateBody = NetworkSettings.extend({
  ...Resources.shape,
  name: Name.optional(),
  snapshot: z.string().min(1).optional(),
  user: z.string().optional(),
  env: Environment.optional(),
  labels: Tags.optional(),
  public: z.boolean().optional(),
  target: z.string().optional(),
  spot: z.boolean().optional(),
  autoStopInterval: Minutes.optional(),
  autoPauseInterval: Minutes.optional(),
  autoArchiveInterval: Minutes.optional(),
  autoDeleteInterval: DeleteMinutes.optional(),
  ttlMinutes: Minutes.optional(),
  volumes: z.array(Volume).optional(),
  buildInfo: BuildInfo.optional(),
  outboundProxyUrl: z.url().optional(),
  otelEndpointOverride: z.string().optional(),
  linkedSandbox: z.string().optional(),
  secrets: SecretPairs.optional(),
});
export type CreateBody = z.output<typeof CreateBody>;

export interface NewSandbox {
  body: CreateBody;
  /** The engine's template for the snapshot or Dockerfile; absent for the plain base. */
  template?: string;
  /** Names of drives by the ids that the client may have given. */
  driveNames: ReadonlyMap<string, string>;
  now: number;
}

export function toCreateRequest({
  body,
  template,
  driveNames,
  now,
}: NewSandbox): CreateSandboxRequestInput {
  refuseUnknown(body);
  const { cpu, memory } = body;
  // What a snapshot was made with holds, unless something else is asked for.
  const isSized = template === undefined || cpu !== undefined || memory !== undefined;
  return withoutUndefined({
    name: body.name,
    user: "daytona" as const,
    template,
    env: { ...body.env, ...proxyVariables(body.outboundProxyUrl) },
    tags: body.labels,
    ...(isSized && {
      vcpus: toVcpus(cpu ?? DEFAULT_CPU),
      memoryMb: (memory ?? DEFAULT_MEMORY_GIB) * 1_024,
    }),
    // Nothing ends it but what it was told: the vendor's sandboxes have no deadline.
    timeoutMs: LIMITS.longestTimeoutMs,
    persistent: true,
    // Stopping keeps its files for as long as it is there, and only the last state of them.
    snapshotExpirationMs: 0,
    keepLastSnapshots: { count: 1, expirationMs: 0, deleteEvicted: true },
    networkPolicy: toNetworkPolicy(body),
    mounts: body.volumes && toMounts(body.volumes, driveNames),
    secrets: body.secrets,
    life: toLife(body, now),
    kept: toKept({
      public: body.public ?? false,
      target: body.target ?? "local",
      snapshot: body.snapshot,
      dockerfile: body.buildInfo?.dockerfileContent,
      autoArchiveInterval: body.autoArchiveInterval,
      disk: body.disk,
    }),
  });
}

/** One, or the next even number: what the engine has. */
export function toVcpus(cpu: number): number {
  return cpu === 1 ? 1 : cpu + (cpu % 2);
}

/** Milliseconds of a number of minutes, of which 0 means never. */
export function minutesToMs(minutes: number | undefined): number | undefined {
  return minutes ? minutes * MINUTE_MS : undefined;
}

function toLife(body: CreateBody, now: number): Life {
  const { autoStopInterval, autoPauseInterval, autoDeleteInterval, ttlMinutes } = body;
  if (autoStopInterval && autoPauseInterval) {
    throw new SandboxError(
      "invalid_request",
      "`autoPauseInterval`: give this or `autoStopInterval`, not both.",
    );
  }
  const stop = autoStopInterval ?? (autoPauseInterval ? 0 : DEFAULT_AUTO_STOP_MINUTES);
  const ttlMs = minutesToMs(ttlMinutes);
  return withoutUndefined({
    idleStopMs: minutesToMs(stop),
    idlePauseMs: minutesToMs(autoPauseInterval),
    deleteAfterStopMs: deleteMinutesToMs(autoDeleteInterval),
    deleteAt: ttlMs === undefined ? undefined : now + ttlMs,
  });
}

/** Milliseconds of a number of minutes, of which a negative one means never and 0 at once. */
export function deleteMinutesToMs(minutes: number | undefined): number | undefined {
  return minutes === undefined || minutes < 0 ? undefined : minutes * MINUTE_MS;
}

function toMounts(volumes: z.output<typeof Volume>[], driveNames: ReadonlyMap<string, string>) {
  return Object.fromEntries(
    volumes.map(({ volumeId, mountPath, subpath }) => {
      if (subpath)
        throw unsupported("subpath", "a volume is mounted as a whole; leave subpath out");
      const drive = driveNames.get(volumeId) ?? volumeId;
      return [mountPath, { drive, mode: "read-write" as const }];
    }),
  );
}

/** As the vendor does it: programs that look at these variables go through the proxy. */
function proxyVariables(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
  return Object.fromEntries(names.map((name) => [name, url]));
}

function refuseUnknown(body: CreateBody): void {
  refuseUnbuildable(body);
  if (body.spot) throw unsupported("spot", "nothing here is reclaimed; leave spot out");
  if (body.linkedSandbox) {
    throw unsupported("linkedSandbox", "sandboxes have no network in common here");
  }
  if (body.otelEndpointOverride) {
    throw unsupported("otelEndpointOverride", "sandboxes send no telemetry here; leave it out");
  }
  if (body.outboundProxyUrl !== undefined && body.domainAllowList) {
    throw unsupported(
      "outboundProxyUrl",
      "a proxy cannot be forced on requests here, so it does not go with domainAllowList",
    );
  }
  if (body.user !== undefined && body.user !== "daytona") {
    throw unsupported("user", "the default user of a sandbox is daytona; use sudo inside for root");
  }
}

/** What neither a sandbox nor a snapshot can be made with. */
export function refuseUnbuildable({
  gpu,
  gpuType,
  buildInfo,
}: Pick<CreateBody, "gpu" | "gpuType" | "buildInfo">): void {
  if (gpu || gpuType?.length) {
    throw unsupported("gpu", "sandboxes on this machine have no GPU; leave gpu and gpuType out");
  }
  if (buildInfo?.contextHashes?.length) throw unsupported("contextHashes", NO_UPLOADS);
}

/** Says by name what cannot be had here. */
export function unsupported(what: string, reason: string): SandboxError {
  return new SandboxError("unsupported", `\`${what}\` is not supported: ${reason}.`);
}
