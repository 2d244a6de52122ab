import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import { isCidr } from "../../std/is-cidr.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";

/** What a client says of a sandbox's network: lists are texts with commas, and empty ones are none. */
export const NetworkSettings = z.object({
  networkBlockAll: z.boolean().optional(),
  /** Subnets, such as 10.0.0.0/8. */
  networkAllowList: z.string().optional(),
  domainAllowList: z.string().optional(),
});
export type NetworkSettings = z.output<typeof NetworkSettings>;

/**
 * What is not given stays as it was, also what other faces have denied; a list that is given ends a block of
 * everything that is not.
 */
export function toNetworkPolicy(
  { networkBlockAll, networkAllowList, domainAllowList }: NetworkSettings,
  before: NetworkPolicy = { mode: "allow-all" },
): NetworkPolicy {
  const isListed = (networkAllowList ?? domainAllowList) !== undefined;
  if (!isListed && !networkBlockAll && before.mode === "custom") return before;
  const was = before.mode === "custom" ? before : undefined;
  const cidrs = networkAllowList === undefined ? was?.allowedCidrs : subnets(networkAllowList);
  const domains =
    domainAllowList === undefined
      ? was?.domains
      : split(domainAllowList).map((domain) => ruled(domain, was?.domains));
  const givesList = split(networkAllowList ?? "").length + split(domainAllowList ?? "").length > 0;
  const blocks = networkBlockAll ?? (before.mode === "deny-all" && !givesList);
  if (blocks) return { mode: "deny-all" };
  const { deniedCidrs, deniedDomains, precedence } = was ?? {};
  const denied = withoutUndefined({ deniedCidrs, deniedDomains, precedence });
  // A domain that is only ruled is not allowed by that, and closes nothing.
  const isOpen = !cidrs?.length && !domains?.some(isGranted);
  if (isOpen && !domains?.length && !deniedCidrs?.length && !deniedDomains?.length) {
    return { mode: "allow-all" };
  }
  return {
    mode: "custom",
    ...denied,
    ...(isOpen && { otherwise: "allow" as const }),
    ...(cidrs?.length && { allowedCidrs: cidrs }),
    ...(domains?.length && { domains }),
  };
}

export function presentNetwork(policy: NetworkPolicy): {
  networkBlockAll: boolean;
  networkAllowList?: string;
  domainAllowList?: string;
} {
  if (policy.mode !== "custom") return { networkBlockAll: policy.mode === "deny-all" };
  const { allowedCidrs } = policy;
  const domains = policy.domains?.filter(isGranted);
  return {
    networkBlockAll: false,
    ...(allowedCidrs?.length && { networkAllowList: allowedCidrs.join(",") }),
    ...(domains?.length && { domainAllowList: domains.map(({ domain }) => domain).join(",") }),
  };
}

type Domains = NonNullable<Extract<NetworkPolicy, { mode: "custom" }>["domains"]>;

/** Whether being listed allows the domain, as it does unless another face says otherwise. */
function isGranted({ grants = true }: Domains[number]): boolean {
  return grants;
}

/** What another face said of requests to the domain holds on. */
function ruled(domain: string, before: Domains | undefined): Domains[number] {
  return { domain, rules: before?.find((known) => known.domain === domain)?.rules ?? [] };
}

function subnets(text: string): string[] {
  return split(text).map((subnet) => {
    if (isCidr(subnet) && subnet.includes("/")) return subnet;
    throw new SandboxError(
      "invalid_request",
      `\`networkAllowList\`: ${JSON.stringify(subnet)} is no subnet; write one like 10.0.0.0/8, several with commas.`,
    );
  });
}

function split(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
