import type { Drive } from "../../contract/drive.ts";
import type { Sandbox, SandboxStatus, Session } from "../../contract/sandbox.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { keptOf } from "./kept.ts";
import { presentNetwork } from "./wire-network.ts";

/** There is one owner here, and the vendor's clients want a name for it. */
export const ORGANIZATION = "local";

const MINUTE_MS = 60_000;
// What the vendor gives when nothing was asked for. There is no quota here.
export const DEFAULT_DISK_GIB = 3;

const STATES = {
  running: "started",
  stopping: "stopping",
  snapshotting: "stopping",
  stopped: "stopped",
  paused: "paused",
} as const satisfies Record<SandboxStatus, string>;

/** The engine's statuses that the vendor's state stands for; none for a state that no sandbox has here. */
export function statusesOf(state: string): SandboxStatus[] {
  const statuses = Object.keys(STATES) as SandboxStatus[];
  return statuses.filter((status) => STATES[status] === state);
}

export interface Presented {
  sandbox: Sandbox;
  /** Its latest session. */
  session?: Session | undefined;
  /** Where toolboxes are, without the sandbox's id. */
  toolboxUrl: string;
  drives?: readonly Drive[];
}

/** A sandbox as lists carry it. */
export function presentListed({ sandbox, session, toolboxUrl }: Presented) {
  const { life, networkPolicy } = sandbox;
  const kept = keptOf(sandbox);
  const lost = session?.status === "failed";
  const state = lost ? ("error" as const) : STATES[sandbox.status];
  return withoutUndefined({
    id: sandbox.id,
    organizationId: ORGANIZATION,
    name: sandbox.name,
    target: kept.target,
    sandboxClass: "container",
    state,
    desiredState: desired(state),
    snapshot: kept.snapshot,
    user: sandbox.user,
    errorReason: lost ? "the sandbox ended for a reason that was not asked for" : undefined,
    recoverable: lost ? true : undefined,
    public: kept.public,
    ...presentNetwork(networkPolicy),
    cpu: sandbox.vcpus,
    gpu: 0,
    memory: sandbox.memoryMb / 1_024,
    disk: kept.disk ?? DEFAULT_DISK_GIB,
    labels: sandbox.tags ?? {},
    autoStopInterval: minutes(life?.idleStopMs) ?? 0,
    autoPauseInterval: minutes(life?.idlePauseMs) ?? 0,
    autoArchiveInterval: kept.autoArchiveInterval,
    autoDeleteInterval: minutes(life?.deleteAfterStopMs) ?? -1,
    autoDestroyAt: life?.deleteAt === undefined ? undefined : toTime(life.deleteAt),
    createdAt: toTime(sandbox.createdAt),
    updatedAt: toTime(sandbox.updatedAt),
    lastActivityAt: toTime(Math.max(sandbox.updatedAt, session?.updatedAt ?? 0)),
    toolboxProxyUrl: toolboxUrl,
  });
}

/** A sandbox as it is told of alone. */
export function presentSandbox(presented: Presented) {
  const { sandbox, drives = [] } = presented;
  const { dockerfile } = keptOf(sandbox);
  const createdAt = toTime(sandbox.createdAt);
  return withoutUndefined({
    ...presentListed(presented),
    env: sandbox.env,
    volumes: Object.entries(sandbox.mounts ?? {}).map(([mountPath, { drive }]) => ({
      volumeId: drives.find(({ name }) => name === drive)?.id ?? drive,
      mountPath,
    })),
    buildInfo:
      dockerfile === undefined
        ? undefined
        : { dockerfileContent: dockerfile, createdAt, updatedAt: createdAt, snapshotRef: "" },
  });
}

export function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function minutes(milliseconds: number | undefined): number | undefined {
  // The engine's time may be finer than what another face made of it.
  return milliseconds === undefined ? undefined : Math.ceil(milliseconds / MINUTE_MS);
}

function desired(state: string): string {
  return state === "stopped" || state === "stopping"
    ? "stopped"
    : state === "paused"
      ? "paused"
      : "started";
}
