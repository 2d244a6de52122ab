import { isDeepStrictEqual } from "node:util";
import type { Sandbox, Session } from "../../../contract/sandbox.ts";
import { deadlineOf } from "../../../engine/sessions/next-end.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { keptOf } from "../kept.ts";
import type { E2bContext, SandboxTarget } from "../sandbox-service.ts";
import { toNetworkPolicy, WireEgress } from "./wire-network.ts";

/** The version of the vendor's daemon that is answered for: clients switch features on by it. */
export const ENVD_VERSION = "0.6.13";

/** The template of a sandbox that was made through another face. */
export const BASE_TEMPLATE = "base";

// Old clients read this field and do nothing with it.
const CLIENT_ID = "sandlot";

/** A sandbox's files have no limit of their own here: 0 says so. */
export const DISK_SIZE_MB = 0;

/** A sandbox as whoever makes, connects or forks it gets it. */
export function presentSandbox(sandbox: Sandbox, { tokens }: Pick<E2bContext, "tokens">) {
  const { templateId, alias, secure, allowPublicTraffic } = keptOf(sandbox);
  return withoutUndefined({
    templateID: templateId ?? BASE_TEMPLATE,
    sandboxID: sandbox.id,
    clientID: CLIENT_ID,
    alias,
    envdVersion: ENVD_VERSION,
    envdAccessToken: secure ? tokens.ofSandbox(sandbox.id) : undefined,
    trafficAccessToken: allowPublicTraffic ? null : tokens.ofTraffic(sandbox.id),
    // The client's own domain holds.
    domain: null,
  });
}

/** A sandbox as lists carry it. */
export function presentListed({ sandbox, session }: SandboxTarget) {
  const { templateId, alias } = keptOf(sandbox);
  return withoutUndefined({
    templateID: templateId ?? BASE_TEMPLATE,
    alias,
    sandboxID: sandbox.id,
    clientID: CLIENT_ID,
    startedAt: toTime(session.startedAt ?? session.createdAt),
    endAt: toTime(endAt(sandbox, session)),
    cpuCount: sandbox.vcpus,
    memoryMB: sandbox.memoryMb,
    diskSizeMB: DISK_SIZE_MB,
    metadata: sandbox.tags,
    state: stateOf(sandbox),
    envdVersion: ENVD_VERSION,
    volumeMounts:
      sandbox.mounts &&
      Object.entries(sandbox.mounts).map(([path, { drive }]) => ({ name: drive, path })),
  });
}

/** All that is told of one sandbox. */
export function presentDetail(target: SandboxTarget, { tokens }: Pick<E2bContext, "tokens">) {
  const { sandbox } = target;
  return withoutUndefined({
    ...presentListed(target),
    envdAccessToken: keptOf(sandbox).secure ? tokens.ofSandbox(sandbox.id) : undefined,
    domain: null,
    ...presentNetwork(target),
    lifecycle: { autoResume: sandbox.autoResume ?? false, onTimeout: onTimeout(sandbox) },
  });
}

/** As it was asked for here, unless another face has changed it since: then what is left is whether it is closed. */
function presentNetwork({ sandbox, session }: SandboxTarget) {
  const { network, allowInternetAccess = null } = keptOf(sandbox);
  const asked = toNetworkPolicy(WireEgress.parse(network ?? {}), allowInternetAccess ?? true);
  const holds = session.networkPolicy;
  if (isDeepStrictEqual(asked, holds)) return { network, allowInternetAccess };
  return { allowInternetAccess: holds.mode === "deny-all" ? false : null };
}

/**
 * The vendor knows two states. A sandbox that was stopped through another face can be connected to like
 * one that is paused, so that is what it is here.
 */
export function stateOf({ status }: Pick<Sandbox, "status">): "running" | "paused" {
  return status === "paused" || status === "stopped" ? "paused" : "running";
}

/** When its life ends, or since when it is paused. */
export function endAt(sandbox: Sandbox, session: Session): number {
  if (stateOf(sandbox) === "paused") return sandbox.statusUpdatedAt;
  return deadlineOf(session);
}

export function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

function onTimeout({ onTimeout: given, persistent }: Sandbox): "kill" | "pause" {
  if (given === "stop") return persistent ? "pause" : "kill";
  return given === "delete" ? "kill" : "pause";
}
