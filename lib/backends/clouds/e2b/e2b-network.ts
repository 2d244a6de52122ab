import type { SandboxNetworkRules, SandboxNetworkUpdate } from "e2b";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";
import { refusal } from "../capabilities.ts";
import { E2B_CAPABILITIES } from "./e2b-capabilities.ts";

const EVERYTHING = ["0.0.0.0/0"];

type Custom = Extract<NetworkPolicy, { mode: "custom" }>;
type Domain = NonNullable<Custom["domains"]>[number];

/** The policy in e2b's words, where allowed goes before denied. Throws `unsupported` for what it has no word for. */
export function networkOf(policy: NetworkPolicy): SandboxNetworkUpdate {
  if (policy.mode === "allow-all") return {};
  if (policy.mode === "deny-all") return { denyOut: EVERYTHING };
  const { domains = [], allowedCidrs = [], deniedCidrs = [] } = policy;
  const isOpen = domains.some(({ domain }) => domain === "*");
  const named = domains.filter(({ domain }) => domain !== "*");
  if (isOpen && domains.some(({ domain, rules }) => domain === "*" && rules.length > 0)) {
    throw refuse("rules for every domain");
  }
  // Denied goes before allowed here, and after it there: the same where the two have nothing in common.
  if (!isOpen && deniedCidrs.length > 0 && allowedCidrs.length > 0) {
    throw refuse(
      "address ranges that are allowed and others that are denied within them",
      "network",
    );
  }
  const rules = rulesOf(domains);
  return {
    ...(!isOpen && { allowOut: [...named.map(({ domain }) => domain), ...allowedCidrs] }),
    denyOut: isOpen ? deniedCidrs : EVERYTHING,
    ...(Object.keys(rules).length > 0 && { rules }),
  };
}

function rulesOf(domains: readonly Domain[]): Record<string, SandboxNetworkRulesOfOne> {
  const ruled = domains.filter(({ rules }) => rules.length > 0);
  return Object.fromEntries(
    ruled.map(({ domain, rules }) => [
      domain,
      rules.map(({ match, transform, forwardUrl, response }) => {
        if (match) throw refuse("a rule that matches some requests");
        if (forwardUrl !== undefined) throw refuse("a rule that forwards requests");
        if (response) throw refuse("a rule that answers requests");
        const headers: Record<string, string> = {};
        for (const each of transform ?? []) Object.assign(headers, each.headers);
        return { transform: { headers } };
      }),
    ]),
  );
}

type SandboxNetworkRulesOfOne = Extract<SandboxNetworkRules, Record<string, unknown>>[string];

function refuse(asked: string, capability: "network" | "networkRules" = "networkRules") {
  return refusal({ name: "e2b", capabilities: E2B_CAPABILITIES }, capability, asked);
}
