import type { SandboxError } from "../../../contract/errors.ts";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";
import { refusal } from "../capabilities.ts";
import { DAYTONA_CAPABILITIES } from "./daytona-capabilities.ts";

export interface DaytonaNetwork {
  networkBlockAll: boolean;
  /** With commas between them. */
  networkAllowList?: string;
  domainAllowList?: string;
}

/** The policy in Daytona's words. Throws `unsupported` for what it has no word for. */
export function networkOf(policy: NetworkPolicy): DaytonaNetwork {
  if (policy.mode === "allow-all") return { networkBlockAll: false };
  if (policy.mode === "deny-all") return { networkBlockAll: true };
  const { domains = [], allowedCidrs = [], deniedCidrs = [] } = policy;
  if (domains.some(({ rules }) => rules.length > 0)) throw refuse("networkRules", "rules");
  if (deniedCidrs.length > 0) throw refuse("network", "denied address ranges");
  if (domains.some(({ domain }) => domain === "*")) return { networkBlockAll: false };
  if (domains.length > 0 && allowedCidrs.length > 0) {
    throw refuse("network", "domains and address ranges at once");
  }
  return {
    networkBlockAll: domains.length === 0 && allowedCidrs.length === 0,
    ...(allowedCidrs.length > 0 && { networkAllowList: allowedCidrs.join(",") }),
    ...(domains.length > 0 && { domainAllowList: domains.map(({ domain }) => domain).join(",") }),
  };
}

function refuse(capability: "network" | "networkRules", asked: string): SandboxError {
  return refusal({ name: "daytona", capabilities: DAYTONA_CAPABILITIES }, capability, asked);
}
