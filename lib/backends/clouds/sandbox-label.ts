import * as z from "zod";
import { DEFAULTS } from "../../contract/defaults.ts";
import type { CreateSandboxRequest, Sandbox, Session } from "../../contract/sandbox.ts";
import { Name } from "../../contract/name.ts";
import { NetworkPolicy } from "../../contract/network-policy.ts";
import { Port } from "../../contract/sandbox.ts";
import type { CloudSandbox } from "./cloud.ts";

/** The label by which a sandbox is found by its name. */
export const NAME_LABEL = "sandlot-name";
const RECORD_LABEL = "sandlot-record";

/** What is written on a sandbox in its cloud, so that every process sees the same. */
const SandboxLabel = z.object({
  name: Name,
  createdAt: z.int(),
  ports: z.array(Port).default([]),
  timeoutMs: z.int(),
  persistent: z.boolean().default(true),
  networkPolicy: NetworkPolicy.default({ mode: "allow-all" }),
  image: z.string().optional(),
  sourceSnapshotId: z.string().optional(),
});
export type SandboxLabel = z.output<typeof SandboxLabel>;

/** The labels of a new sandbox: its tags as they are, for people who look at the cloud, and our own. */
export function labelsOf(
  label: SandboxLabel,
  tags: Record<string, string> = {},
): Record<string, string> {
  const { networkPolicy } = label;
  // Rules hold secrets, and labels are shown to whoever may list.
  const shown =
    networkPolicy.mode === "custom" && networkPolicy.domains
      ? { ...networkPolicy, domains: networkPolicy.domains.map((each) => ({ ...each, rules: [] })) }
      : networkPolicy;
  const record = { ...label, networkPolicy: shown };
  return { ...tags, [NAME_LABEL]: label.name, [RECORD_LABEL]: JSON.stringify(record) };
}

/** What was written on it; for one that another program made, what can be said of it. */
export function readLabel(found: CloudSandbox): {
  label: SandboxLabel;
  tags: Record<string, string>;
} {
  const { [NAME_LABEL]: _, [RECORD_LABEL]: record, ...tags } = found.labels;
  const parsed = SandboxLabel.safeParse(record === undefined ? undefined : parseJson(record));
  if (parsed.success) return { label: parsed.data, tags };
  const { createdAt, startedAt, endsAt } = found;
  const timeoutMs = endsAt === undefined ? DEFAULTS.timeoutMs : Math.max(0, endsAt - startedAt);
  return { label: SandboxLabel.parse({ name: found.id, createdAt, timeoutMs }), tags };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Another program's label of our name.
  }
}

/** The label of a sandbox that is asked for. */
export function newLabel(request: CreateSandboxRequest & { name: string }): SandboxLabel {
  const { name, ports, timeoutMs, persistent, networkPolicy, image, source } = request;
  return {
    name,
    createdAt: Date.now(),
    ports,
    timeoutMs,
    persistent,
    networkPolicy,
    ...(image !== undefined && { image }),
    ...(source?.type === "snapshot" && { sourceSnapshotId: source.snapshotId }),
  };
}

const SESSION = "sbx_";

/** A sandbox there has one session for all its life: its id is the cloud's own. */
const sessionIdOf = (cloudId: string): string => `${SESSION}${cloudId}`;

/** Undefined for what is no session of a cloud. */
export const cloudIdOf = (sessionId: string): string | undefined =>
  sessionId.startsWith(SESSION) ? sessionId.slice(SESSION.length) : undefined;

/** The rows that stand for it here. */
export function rowsOf(found: CloudSandbox, cwd: string): { sandbox: Sandbox; session: Session } {
  const { label, tags } = readLabel(found);
  const { id, state, startedAt, endsAt, vcpus, memoryMb } = found;
  const status = state === "failed" ? "stopped" : state;
  const shared = {
    vcpus,
    memoryMb,
    region: DEFAULTS.region,
    cwd,
    networkPolicy: label.networkPolicy,
  };
  const sandbox: Sandbox = {
    ...shared,
    name: label.name,
    id,
    status,
    statusUpdatedAt: startedAt,
    createdAt: label.createdAt,
    updatedAt: startedAt,
    persistent: label.persistent,
    ports: label.ports,
    timeoutMs: label.timeoutMs,
    ...(label.image !== undefined && { image: label.image }),
    env: {},
    ...(Object.keys(tags).length > 0 && { tags }),
    user: DEFAULTS.user,
    home: DEFAULTS.home,
    onTimeout: label.persistent ? "stop" : "delete",
    currentSessionId: sessionIdOf(id),
    hostPorts: {},
    totals: { activeCpuMs: 0, ingressBytes: 0, egressBytes: 0, durationMs: 0 },
  };
  const session: Session = {
    ...shared,
    id: sessionIdOf(id),
    sandboxName: label.name,
    status: state,
    requestedAt: startedAt,
    createdAt: startedAt,
    updatedAt: startedAt,
    startedAt,
    ...(state === "stopped" && { stoppedAt: endsAt ?? startedAt }),
    timeoutMs: endsAt === undefined ? label.timeoutMs : Math.max(0, endsAt - startedAt),
    ...(label.sourceSnapshotId !== undefined && { sourceSnapshotId: label.sourceSnapshotId }),
  };
  return { sandbox, session };
}
