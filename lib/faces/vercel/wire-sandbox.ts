import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import {
  type CreateSandboxRequestInput,
  Environment,
  type ForkSandboxRequest,
  Ports,
  TimeoutMs,
  type UpdateSandboxRequest,
  Vcpus,
} from "../../contract/sandbox.ts";
import {
  KeepLastSnapshots,
  Mounts,
  SnapshotExpirationMs,
  Source,
} from "../../contract/sandbox-parts.ts";
import { Name } from "../../contract/name.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { chooseSchema } from "./choose-schema.ts";
import { DEFAULT_RUNTIME } from "./present-sandbox.ts";
import { requireVendorTimeout, WireTags } from "./vendor-limits.ts";
import { WireNetworkPolicy } from "./wire-network-policy.ts";

// Such a sandbox could be made, but its URL belongs to a list.
const RESERVED_NAMES = new Set(["sessions", "snapshots", "drives"]);

const SandboxName = Name.refine((name) => !RESERVED_NAMES.has(name), {
  message: "this name is a part of the API's own paths; choose another",
});

const Resources = z
  .strictObject({ vcpus: Vcpus, memory: z.int().optional() })
  .refine(
    ({ vcpus, memory }) => memory === undefined || memory === vcpus * LIMITS.memoryMbPerVcpu,
    {
      message: `memory follows vcpus: ${LIMITS.memoryMbPerVcpu} MB each; leave it out`,
    },
  );

const KeepLast = z
  .strictObject({
    count: KeepLastSnapshots.shape.count,
    expiration: SnapshotExpirationMs.optional(),
    deleteEvicted: z.boolean().optional(),
  })
  .transform(({ count, expiration, deleteEvicted }) => ({
    count,
    deleteEvicted: deleteEvicted ?? true,
    ...(expiration !== undefined && { expirationMs: expiration }),
  }));

const WireMount = z
  .strictObject({
    drive: Name,
    // The last one is what programs called a snapshot before.
    mode: z.enum(["read-write", "snapshot", "read-only"]).default("read-write"),
  })
  .transform(({ drive, mode }) => ({
    drive,
    mode: mode === "read-only" ? ("snapshot" as const) : mode,
  }));

const WireMounts = z
  .record(Mounts.keyType, WireMount)
  .refine((mounts) => Object.keys(mounts).length <= LIMITS.drivesPerSandbox, {
    message: `a sandbox mounts at most ${LIMITS.drivesPerSandbox} drives`,
  });

/** Told by its type, so that a mistake is explained in the words of that kind of source. */
const WireSource = chooseSchema<z.output<typeof Source>>((value) => {
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : null;
  const known = Source.options.find((option) => option.shape.type.safeParse(type).success);
  return known ?? z.looseObject({ type: z.enum(["git", "tarball", "snapshot"]) }).pipe(z.never());
});

const settings = {
  name: SandboxName.optional(),
  ports: Ports.optional(),
  timeout: TimeoutMs.optional(),
  resources: Resources.optional(),
  image: z.string().min(1).optional(),
  persistent: z.boolean().optional(),
  networkPolicy: WireNetworkPolicy.optional(),
  networkId: z.string().min(1).optional(),
  env: Environment.optional(),
  tags: WireTags.optional(),
  snapshotExpiration: SnapshotExpirationMs.optional(),
  keepLastSnapshots: KeepLast.optional(),
  region: z.string().min(1).optional(),
  failoverRegions: z.array(z.string().min(1)).max(LIMITS.failoverRegions).optional(),
};

const source = WireSource.optional();
const runtime = z.string().min(1).optional();

/** Of `POST /sandboxes`. */
export const CreateBody = z
  .strictObject({ ...settings, source, runtime, mounts: WireMounts.optional() })
  .superRefine(checkCombinations);

/** Of `POST /v1/sandboxes`, where a sandbox has no name and fewer settings. */
export const V1CreateBody = z
  .strictObject({
    source,
    runtime,
    ports: settings.ports,
    timeout: settings.timeout,
    resources: settings.resources,
    networkPolicy: settings.networkPolicy,
    env: settings.env,
  })
  .superRefine(checkCombinations);

/** Of `POST /sandboxes/:name/fork`. */
export const ForkBody = z.strictObject(settings).superRefine(checkCombinations);

/** Of `PATCH /sandboxes/:name`. */
export const UpdateBody = z
  .strictObject({
    persistent: settings.persistent,
    resources: settings.resources,
    timeout: settings.timeout,
    networkPolicy: settings.networkPolicy,
    networkId: settings.networkId.unwrap().nullable().optional(),
    tags: settings.tags,
    ports: settings.ports,
    snapshotExpiration: settings.snapshotExpiration,
    keepLastSnapshots: KeepLast.nullable().optional(),
    currentSnapshotId: z.string().min(1).optional(),
    region: settings.region,
    failoverRegions: settings.failoverRegions,
    mounts: WireMounts.optional(),
  })
  .superRefine(checkCombinations);

export function toCreateRequest(
  body: z.output<typeof CreateBody> | z.output<typeof V1CreateBody>,
): CreateSandboxRequestInput {
  return withoutUndefined(renamed(body));
}

/** What the older versions of the call make of a sandbox that asks for neither a runtime nor an image. */
export function withRuntime<Body extends Combination>(body: Body): Body {
  const asks = body.runtime ?? body.image;
  if (asks !== undefined || body.source?.type === "snapshot") return body;
  return { ...body, runtime: DEFAULT_RUNTIME };
}

export function toForkRequest(body: z.output<typeof ForkBody>): ForkSandboxRequest {
  return withoutUndefined(renamed(body));
}

export function toUpdateRequest(body: z.output<typeof UpdateBody>): UpdateSandboxRequest {
  return withoutUndefined(renamed(body));
}

/** A sandbox's name from a path. One that nothing can be called is unknown, without asking the engine. */
export function sandboxName(text: string): string {
  if (SandboxName.safeParse(text).success) return text;
  throw new SandboxError("sandbox_not_found", `There is no sandbox named ${JSON.stringify(text)}.`);
}

function renamed<
  Body extends {
    timeout?: number | undefined;
    resources?: { vcpus: number } | undefined;
    snapshotExpiration?: number | undefined;
  },
>({ timeout, resources, snapshotExpiration, ...rest }: Body) {
  requireVendorTimeout(timeout);
  return {
    ...rest,
    timeoutMs: timeout,
    vcpus: resources?.vcpus,
    snapshotExpirationMs: snapshotExpiration,
  };
}

interface Combination {
  source?: z.output<typeof Source> | undefined;
  runtime?: string | undefined;
  image?: string | undefined;
  region?: string | undefined;
  failoverRegions?: string[] | undefined;
}

function checkCombinations(
  { source: from, runtime: wanted, image, region, failoverRegions }: Combination,
  context: z.RefinementCtx,
): void {
  const complain = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  if (wanted !== undefined && image !== undefined) {
    complain("runtime", "runtime and image cannot be used together");
  }
  if (from?.type === "snapshot" && (wanted ?? image) !== undefined) {
    complain("source", "a snapshot brings its own files: leave out runtime and image");
  }
  if (region !== undefined && failoverRegions?.includes(region)) {
    complain("failoverRegions", "must not hold the region itself");
  }
}
