import { LIMITS } from "../contract/limits.ts";
import type { ForkSandboxRequest, Sandbox, UpdateSandboxRequest } from "../contract/sandbox.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import { mergeKept } from "./kept.ts";

/** A sandbox's record with what was asked to be changed; `null` has cleared. */
export function applyChanges(before: Sandbox, changes: UpdateSandboxRequest): Sandbox {
  const { networkId, keepLastSnapshots, life, kept, vcpus, ...given } = withoutUndefined(changes);
  const updated: Sandbox = {
    ...before,
    ...given,
    ...(vcpus !== undefined && {
      vcpus,
      memoryMb: changes.memoryMb ?? vcpus * LIMITS.memoryMbPerVcpu,
    }),
    ...(networkId != null && { networkId }),
    ...(keepLastSnapshots != null && { keepLastSnapshots }),
    ...(life != null && { life }),
    ...(kept && { kept: mergeKept(before.kept, kept) }),
  };
  if (networkId === null) delete updated.networkId;
  if (keepLastSnapshots === null) delete updated.keepLastSnapshots;
  if (life === null) delete updated.life;
  return updated;
}

/** What a copy of a sandbox takes over from it, with what was asked to be otherwise. */
export function forkedSettings(source: Sandbox, request: Omit<ForkSandboxRequest, "name">) {
  const { kept, ...changes } = withoutUndefined(request);
  const {
    id: _id,
    // A drive has one writer: a copy does not mount what its source mounts.
    mounts: _mounts,
    totals: _totals,
    hostPorts: _ports,
    deleting: _deleting,
    ...copied
  } = source;
  const vcpus = changes.vcpus ?? source.vcpus;
  return {
    ...copied,
    ...changes,
    ...(kept && { kept: mergeKept(source.kept, kept) }),
    vcpus,
    timeoutMs: changes.timeoutMs ?? source.timeoutMs,
    memoryMb:
      changes.memoryMb ??
      (changes.vcpus === undefined ? source.memoryMb : vcpus * LIMITS.memoryMbPerVcpu),
  };
}
