import type {
  HarnessV1NetworkPolicy as HarnessPolicy,
  HarnessV1RequestTransformation as Transformation,
} from "@ai-sdk/harness";
import type { NetworkPolicy, NetworkPolicyRule } from "../trigger-client/index.ts";

/**
 * Where a sandbox may go and what its requests are given on their way, as one policy of our SDK. A transformation opens
 * nothing: one for a host that the policy does not let through has no effect.
 */
export function networkPolicy(
  policy: HarnessPolicy,
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
      const { allowedHosts = [], allowedCIDRs, deniedCIDRs } = policy;
      const reached = [...rules.keys()].filter((host) => isAmong(host, allowedHosts));
      return {
        allow: {
          ...Object.fromEntries(allowedHosts.map((host) => [host, []])),
          ...rulesOf(rules, reached),
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
): Record<string, NetworkPolicyRule[]> {
  return Object.fromEntries(hosts.map((host) => [host, (rules.get(host) ?? []).map(ruleOf)]));
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

/** Whether the host is one of those, of which `*.name` stands for all below it. */
function isAmong(host: string, allowed: readonly string[]): boolean {
  return allowed.some(
    (each) =>
      each === "*" || each === host || (each.startsWith("*.") && host.endsWith(each.slice(1))),
  );
}
