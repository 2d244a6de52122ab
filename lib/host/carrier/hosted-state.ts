import type { HostedSandbox } from "../../contract/carrier.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { NetworkPolicy, NetworkRule } from "../../contract/network-policy.ts";
import type { Engine } from "../../engine/engine.ts";

/** The one sandbox of a host's engine, as others may know it; undefined while there is none. */
export async function hostedSandbox(
  engine: Engine,
  name: string,
): Promise<HostedSandbox | undefined> {
  const page = { limit: LIMITS.pageSize, sortOrder: "desc" } as const;
  const found = engine.sandboxes.list({ ...page, namePrefix: name }).items;
  const sandbox = found.find((each) => each.name === name);
  if (!sandbox) return undefined;
  const { session } = await engine.sessions.get(sandbox.currentSessionId);
  const snapshots = engine.snapshots.list({ ...page, sandboxName: name }).items;
  return {
    kind: "sandlot",
    state: sandbox.status === "running" ? "running" : "stopped",
    // Secrets of the sandbox's are for its commands; where a root lies means nothing elsewhere.
    sandbox: { ...sandbox, env: {}, networkPolicy: withoutSecrets(sandbox.networkPolicy) },
    session: {
      ...session,
      root: undefined,
      networkPolicy: withoutSecrets(session.networkPolicy),
    },
    snapshotIds: snapshots.filter(({ status }) => status === "created").map(({ id }) => id),
  };
}

/** With the names of the headers that a rule puts in, and without what they are set to. */
function withoutSecrets(policy: NetworkPolicy): NetworkPolicy {
  if (policy.mode !== "custom" || !policy.domains) return policy;
  const domains = policy.domains.map(({ domain, rules }) => ({
    domain,
    rules: rules.map((rule) => ({ ...rule, ...withoutValues(rule) })),
  }));
  return { ...policy, domains };
}

function withoutValues({ transform }: NetworkRule): Pick<NetworkRule, "transform"> {
  if (!transform) return {};
  const empty = (headers: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.keys(headers).map((name) => [name, ""]));
  return {
    transform: transform.map(({ headers }) => (headers ? { headers: empty(headers) } : {})),
  };
}
