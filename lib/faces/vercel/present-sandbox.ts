import { createHash } from "node:crypto";
import type { Route, Sandbox, SandboxStatus, Session } from "../../contract/sandbox.ts";
import type { SandboxView } from "../../engine/engine.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { presentNetworkPolicy } from "./wire-network-policy.ts";

/**
 * The vendor's CLI refuses a session without such a port, hides the route to it, and connects elsewhere.
 * So it is a number that nobody exposes: 1 cannot be listened on by an ordinary user.
 */
const INTERACTIVE_PORT = 1;

/**
 * What the vendor runs for its older clients when they ask for nothing. Those of 2.x and before refuse
 * a session without a runtime, so one is always told; of a sandbox, only the one that it was given.
 */
export const DEFAULT_RUNTIME = "node24";

// The vendor has three words here; a session says more.
const STATUS: Record<SandboxStatus, "running" | "stopping" | "stopped"> = {
  running: "running",
  stopping: "stopping",
  snapshotting: "stopping",
  stopped: "stopped",
  paused: "stopped",
};

/** A session as answers carry it. What it used is told only once it has stopped, as the vendor does. */
export function presentSession(session: Session) {
  const stopped = session.status === "stopped";
  return withoutUndefined({
    id: session.id,
    sourceSandboxName: session.sandboxName,
    memory: session.memoryMb,
    vcpus: session.vcpus,
    region: session.region,
    runtime: session.runtime ?? DEFAULT_RUNTIME,
    timeout: session.timeoutMs,
    status: session.status === "paused" ? ("stopped" as const) : session.status,
    requestedAt: session.requestedAt,
    createdAt: session.createdAt,
    updatedAt: session.updatedAt,
    startedAt: session.startedAt,
    requestedStopAt: session.requestedStopAt,
    snapshottedAt: session.snapshottedAt,
    stoppedAt: session.stoppedAt,
    abortedAt: session.abortedAt,
    duration: session.durationMs,
    cwd: session.cwd,
    interactivePort: INTERACTIVE_PORT,
    networkPolicy: presentNetworkPolicy(session.networkPolicy),
    sourceSnapshotId: session.sourceSnapshotId,
    activeCpuDurationMs: stopped ? session.activeCpuMs : undefined,
    networkTransfer: stopped ? presentTransfer(session) : undefined,
  });
}

/**
 * A sandbox as answers carry it. What it was asked for with (an image, a runtime) comes back as it was
 * given: nothing is resolved here, so a tag is not turned into a digest. `session` is its latest.
 */
export function presentSandbox(sandbox: Sandbox, session: Session | undefined) {
  const { totals, keepLastSnapshots: keepLast } = sandbox;
  const hasUsage = totals.durationMs > 0 || sandbox.status === "stopped";
  return withoutUndefined({
    name: sandbox.name,
    persistent: sandbox.persistent,
    region: sandbox.region,
    failoverRegions: sandbox.failoverRegions,
    networkId: sandbox.networkId,
    vcpus: sandbox.vcpus,
    memory: sandbox.memoryMb,
    runtime: sandbox.runtime,
    image: sandbox.image,
    timeout: sandbox.timeoutMs,
    networkPolicy: presentNetworkPolicy(sandbox.networkPolicy),
    ...(hasUsage && {
      totalEgressBytes: totals.egressBytes,
      totalIngressBytes: totals.ingressBytes,
      totalActiveCpuDurationMs: totals.activeCpuMs,
      totalDurationMs: totals.durationMs,
    }),
    createdAt: sandbox.createdAt,
    updatedAt: sandbox.updatedAt,
    expiresAt: sandbox.status === "running" ? expiresAt(session) : undefined,
    currentSessionId: sandbox.currentSessionId,
    currentSnapshotId: sandbox.currentSnapshotId,
    status: STATUS[sandbox.status],
    statusUpdatedAt: sandbox.statusUpdatedAt,
    cwd: sandbox.cwd,
    tags: sandbox.tags,
    mounts: sandbox.mounts,
    snapshotExpiration: sandbox.snapshotExpirationMs,
    keepLastSnapshots: keepLast && {
      count: keepLast.count,
      deleteEvicted: keepLast.deleteEvicted,
      ...(keepLast.expirationMs !== undefined && { expiration: keepLast.expirationMs }),
    },
  });
}

/** A sandbox with its session and its routes: the answer to whatever makes or gets one. */
export function presentView({ sandbox, session, routes }: SandboxView) {
  return {
    sandbox: presentSandbox(sandbox, session),
    session: presentSession(session),
    routes: presentRoutes(sandbox.name, routes),
  };
}

/** Routes: `url` is the local one. The subdomain, from which the SDK builds a URL of the cloud, is only stable. */
export function presentRoutes(sandboxName: string, routes: readonly Route[]) {
  return routes.map(({ port, url }) => ({ url, subdomain: subdomain(sandboxName, port), port }));
}

function subdomain(sandboxName: string, port: number): string {
  const hash = createHash("sha256").update(`${sandboxName}:${port}`).digest("hex");
  return `sb-${hash.slice(0, 12)}`;
}

function expiresAt(session: Session | undefined): number | undefined {
  return session && (session.startedAt ?? session.createdAt) + session.timeoutMs;
}

function presentTransfer({ ingressBytes, egressBytes }: Session) {
  if (ingressBytes === undefined && egressBytes === undefined) return undefined;
  return { ingress: ingressBytes ?? 0, egress: egressBytes ?? 0 };
}
