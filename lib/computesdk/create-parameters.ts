import type { CreateSandboxOptions } from "@computesdk/provider";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Sandbox } from "../trigger-client/index.ts";

/** What holds for all sandboxes of a provider; what `create` is given goes before it. */
export interface SandlotConfig {
  /** How long a sandbox runs before it stops by itself, in milliseconds. Default 5 minutes. */
  timeout?: number;
  /** Ports that are reached from the beginning; `getUrl` exposes others when they are asked for. */
  ports?: number[];
  vcpus?: number;
}

type CreateParams = NonNullable<Parameters<typeof Sandbox.create>[0]>;

/** What ComputeSDK has a word for, and a sandbox here has not. */
const REFUSED: Record<string, string> = {
  namespace: "names are not grouped here; make it a part of the name",
  directory: "a sandbox's directory is fixed; give each command its cwd",
  diskMiB: "disks have no size of their own here",
};
const CPU_WORDS = ["vcpus", "cpu", "cpus"] as const;
const MEMORY_WORDS = ["memory", "memoryMb", "memoryMiB", "memMiB"] as const;

/** ComputeSDK's options as those of our SDK. Throws `unsupported`, which names the option, for what cannot be had. */
export function createParameters(
  config: SandlotConfig,
  options: CreateSandboxOptions = {},
): CreateParams {
  for (const [name, reason] of Object.entries(REFUSED)) {
    if (options[name] !== undefined) throw refuse(name, reason);
  }
  const vcpus = vcpusOf(options) ?? config.vcpus;
  const timeout = options.timeout ?? config.timeout;
  const snapshotId = snapshotOf(options);
  const { name, envs, metadata, runtime, image, signal } = options;
  return {
    ...(name !== undefined && { name }),
    ...(timeout !== undefined && { timeout }),
    ...(config.ports && { ports: config.ports }),
    ...(vcpus !== undefined && { resources: { vcpus } }),
    ...(envs && { env: envs }),
    ...(metadata && { tags: tagsOf(metadata) }),
    ...(signal && { signal }),
    ...(runtime !== undefined && { runtime }),
    ...(image !== undefined && { image }),
    ...(snapshotId !== undefined && { source: { type: "snapshot", snapshotId } }),
    // The type knows each way to begin on its own, and the engine refuses those that exclude each other.
  } as CreateParams;
}

/** A template is a snapshot here: what a sandbox's files begin with. */
function snapshotOf({ snapshotId, templateId }: CreateSandboxOptions): string | undefined {
  if (snapshotId !== undefined && templateId !== undefined && snapshotId !== templateId) {
    throw refuse("templateId", "a template is a snapshot here, and snapshotId names another one");
  }
  return snapshotId ?? templateId;
}

function vcpusOf(options: CreateSandboxOptions): number | undefined {
  const asked = CPU_WORDS.map((word) => options[word]).find((value) => value !== undefined);
  const vcpus = options.resources?.vcpus ?? asked;
  for (const word of MEMORY_WORDS) {
    const memoryMb = options[word];
    const given = (vcpus ?? 0) * LIMITS.memoryMbPerVcpu;
    if (memoryMb === undefined || memoryMb === given) continue;
    const rule = `memory follows the processors, ${LIMITS.memoryMbPerVcpu} MB each`;
    throw refuse(word, `${rule}: leave it out, or ask for vcpus that give as much`);
  }
  return vcpus;
}

function tagsOf(metadata: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** The error for an option that cannot be had. */
export function refuse(option: string, reason: string): SandboxError {
  return new SandboxError("unsupported", `${option} was asked for, but ${reason}.`);
}
