import { isIP } from "node:net";
import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";

/** What a client says of a sandbox's network: lists are texts with commas, and empty ones are none. */
export const NetworkSettings = z.object({
  networkBlockAll: z.boolean().optional(),
  /** Subnets, such as 10.0.0.0/8. */
  networkAllowList: z.string().optional(),
  domainAllowList: z.string().optional(),
});
export type NetworkSettings = z.output<typeof NetworkSettings>;

/** What is not given stays as it was; a list that is given ends a block of everything that is not. */
export function toNetworkPolicy(
  { networkBlockAll, networkAllowList, domainAllowList }: NetworkSettings,
  before: NetworkPolicy = { mode: "allow-all" },
): NetworkPolicy {
  const was = before.mode === "custom" ? before : undefined;
  const cidrs = networkAllowList === undefined ? was?.allowedCidrs : subnets(networkAllowList);
  const domains =
    domainAllowList === undefined
      ? was?.domains
      : split(domainAllowList).map((domain) => ruled(domain, was?.domains));
  const givesList = split(networkAllowList ?? "").length + split(domainAllowList ?? "").length > 0;
  const blocks = networkBlockAll ?? (before.mode === "deny-all" && !givesList);
  if (blocks) return { mode: "deny-all" };
  if (!cidrs?.length && !domains?.length) return { mode: "allow-all" };
  return {
    mode: "custom",
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
  const { allowedCidrs, domains } = policy;
  return {
    networkBlockAll: false,
    ...(allowedCidrs?.length && { networkAllowList: allowedCidrs.join(",") }),
    ...(domains?.length && { domainAllowList: domains.map(({ domain }) => domain).join(",") }),
  };
}

type Domains = NonNullable<Extract<NetworkPolicy, { mode: "custom" }>["domains"]>;

/** What another face said of the domain holds on. */
function ruled(domain: string, before: Domains | undefined): Domains[number] {
  return before?.find((known) => known.domain === domain) ?? { domain, rules: [] };
}

function subnets(text: string): string[] {
  return split(text).map((subnet) => {
    const [address = "", bits, more] = subnet.split("/");
    const family = isIP(address);
    const isBits =
      bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
    if (family !== 0 && isBits && more === undefined) return subnet;
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
