import type {
  HarnessV1NetworkPolicy as HarnessPolicy,
  HarnessV1RequestTransformation as Transformation,
} from "@ai-sdk/harness";
import type { NetworkPolicy, NetworkPolicyRule } from "../trigger-client/index.ts";

/** Where a sandbox may go, in a harness' words, and what it has no word for: rules that hold for hosts besides. */
export type StartingPolicy = HarnessPolicy & { rules?: Record<string, NetworkPolicyRule[]> };

/** What holds in a sandbox before a harness says anything, from which it goes on. */
export function startingPolicy(policy: NetworkPolicy = "allow-all"): StartingPolicy {
  if (typeof policy === "string") return { mode: policy };
  const { allow = [], subnets = {} } = policy;
  const rules = Array.isArray(allow) ? {} : allow;
  return {
    mode: "custom",
    allowedHosts: Array.isArray(allow) ? allow : Object.keys(allow),
    ...(subnets.allow && { allowedCIDRs: subnets.allow }),
    ...(subnets.deny && { deniedCIDRs: subnets.deny }),
    rules,
  };
}

/**
 * The same, as an engine tells of it: the values of headers never come back, so what sets them is left out. Rules that
 * answer in a host's stead are not told at all.
 */
export function toldPolicy(policy: NetworkPolicy | undefined): StartingPolicy {
  const { rules = {}, ...told } = startingPolicy(policy);
  const kept = Object.entries(rules).map(([host, own]) => [
    host,
    own.filter(({ transform }) => !transform),
  ]);
  return { ...told, rules: Object.fromEntries(kept) as typeof rules };
}

/**
 * Where a sandbox may go and what its requests are given on their way, as one policy of our SDK. A transformation opens
 * nothing: one for a host that the policy does not let through has no effect.
 */
export function networkPolicy(
  policy: StartingPolicy,
  transformations: readonly Transformation[],
): NetworkPolicy {
  const rules = Map.groupBy(transformations, ({ match }) => match.host);
  switch (policy.mode) {
    case "deny-all":
      return "deny-all";
    case "allow-all":
      if (rules.size === 0) return "allow-all";
      return { allow: { "*": [], ...rulesOf(rules, [...rules.keys()]) } };
    case "custom": {
      const { allowedHosts = [], allowedCIDRs, deniedCIDRs, rules: own = {} } = policy;
      const reached = [...rules.keys()].filter((host) => entryFor(host, allowedHosts));
      // An entry of a host's own takes the place of the one that let it through.
      const ownOf = (host: string) => own[entryFor(host, allowedHosts) ?? ""] ?? [];
      return {
        allow: {
          ...Object.fromEntries(allowedHosts.map((host) => [host, ownOf(host)])),
          ...rulesOf(rules, reached, ownOf),
        },
        subnets: {
          ...(allowedCIDRs && { allow: [...allowedCIDRs] }),
          ...(deniedCIDRs && { deny: [...deniedCIDRs] }),
        },
      };
    }
  }
}

function rulesOf(
  rules: ReadonlyMap<string, readonly Transformation[]>,
  hosts: readonly string[],
  ownOf: (host: string) => readonly NetworkPolicyRule[] = () => [],
): Record<string, NetworkPolicyRule[]> {
  return Object.fromEntries(
    hosts.map((host) => [host, [...ownOf(host), ...(rules.get(host) ?? []).map(ruleOf)]]),
  );
}

function ruleOf({ match, transform }: Transformation): NetworkPolicyRule {
  const { host: _, method, ...rest } = match;
  const conditions = { ...rest, ...(method && { method: [...method] }) };
  const rule = {
    transform: [{ headers: { ...transform.headers } }],
    ...(Object.keys(conditions).length > 0 && { match: conditions }),
  };
  // The two describe the same matchers, one by unions and the other by optional fields.
  return rule as NetworkPolicyRule;
}

/** Which of the names lets the host through: its own, or of those with a `*` the one that describes it most closely. */
function entryFor(host: string, allowed: readonly string[]): string | undefined {
  if (allowed.includes(host)) return host;
  const [closest] = allowed
    .filter((name) => name.includes("*") && expressionOf(name).test(host))
    .toSorted((one, other) => wholeLabels(other) - wholeLabels(one));
  return closest;
}

// As the first label `*` stands for one or more labels, anywhere else for one label or a part of it.
function expressionOf(name: string): RegExp {
  const escaped = name.replaceAll(/[^\w*]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replace(/^\*(?=\\\.|$)/, ".+").replaceAll("*", "[^.]*")}$`);
}

const wholeLabels = (name: string) =>
  name.split(".").filter((label) => !label.includes("*")).length;
