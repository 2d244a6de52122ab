import type { NetworkPolicy, NetworkRule } from "../../../../../contract/network-policy.ts";
import { HOST_ADDRESS, HOST_NAME, STAND_IN_ADDRESS } from "../router/link-addresses.ts";
import { AddressSet, parseCidr } from "./address-set.ts";
import { DomainPattern, plainName } from "./domain-pattern.ts";
import { isReserved, namedReserved } from "./reserved-addresses.ts";

/** What is to be done with the traffic to a name. */
export interface DomainVerdict {
  rules: readonly NetworkRule[];
}

/**
 * What may be said of an address alone. `open`: dial it. `shut`: never. `by-name`: only as the address of a
 * name that is allowed.
 */
export type AddressVerdict = "open" | "shut" | "by-name";

/** A policy, ready to be asked. It looks nothing up and dials nothing. */
export class CompiledPolicy {
  readonly mode: NetworkPolicy["mode"];
  readonly #domains: { pattern: DomainPattern; rules: readonly NetworkRule[] }[];
  readonly #denied: AddressSet;
  readonly #allowed: AddressSet;
  readonly #namedReserved: AddressSet;
  readonly #allowsAnySubnet: boolean;

  constructor(policy: NetworkPolicy) {
    this.mode = policy.mode;
    const custom = policy.mode === "custom" ? policy : { mode: "custom" as const };
    const allowedCidrs = policy.mode === "allow-all" ? ["0.0.0.0/0", "::/0"] : custom.allowedCidrs;
    this.#denied = new AddressSet(custom.deniedCidrs ?? []);
    this.#allowed = new AddressSet(allowedCidrs ?? []);
    this.#namedReserved = new AddressSet(namedReserved(allowedCidrs ?? []));
    this.#allowsAnySubnet = (allowedCidrs ?? []).some((cidr) => parseCidr(cidr)?.prefix === 0);
    this.#domains = (custom.domains ?? [])
      .map(({ domain, rules }) => ({ pattern: new DomainPattern(domain), rules }))
      // Stable: of two that describe equally closely, the earlier one holds.
      .toSorted((one, other) => compare(other.pattern.weight, one.pattern.weight));
  }

  /** Whether any traffic at all can be allowed for its name. */
  get hasDomains(): boolean {
    return this.#domains.length > 0;
  }

  address(address: string): AddressVerdict {
    if (this.#denied.has(address)) return "shut";
    if (address === HOST_ADDRESS || address === STAND_IN_ADDRESS) return "by-name";
    if (isReserved(address)) return this.#namedReserved.has(address) ? "open" : "shut";
    return this.#allowed.has(address) ? "open" : "by-name";
  }

  /** Whether an allowed name may lead to the address. */
  mayLeadTo(name: string, address: string): boolean {
    if (this.#denied.has(address)) return false;
    if (plainName(name) === HOST_NAME) return true;
    return !isReserved(address) || this.#namedReserved.has(address);
  }

  /** Undefined when the name is not allowed. */
  domain(name: string): DomainVerdict | undefined {
    const plain = plainName(name);
    if (plain === HOST_NAME) return this.#hostVerdict();
    const found = this.#domains.find(({ pattern }) => pattern.matches(plain));
    if (found) return { rules: found.rules };
    return this.mode === "allow-all" ? { rules: [] } : undefined;
  }

  /** Whether the name may be looked up outside. */
  mayResolve(name: string): boolean {
    if (this.domain(name)) return true;
    return this.#allowsAnySubnet && plainName(name) !== HOST_NAME;
  }

  /** Whether a rule may answer for the name, or send what is meant for it elsewhere, so that it need not exist. */
  hasStandIn(name: string): boolean {
    const rules = this.domain(name)?.rules ?? [];
    return rules.some(
      ({ forwardUrl, response }) => forwardUrl !== undefined || response !== undefined,
    );
  }

  /** Whether what names no host may leave too: a list that allows every name keeps no address out. */
  get unnamed(): boolean {
    return this.#domains.some(({ pattern, rules }) => pattern.isAny && rules.length === 0);
  }

  // A wildcard does not name the machine that runs the engine.
  #hostVerdict(): DomainVerdict | undefined {
    const found = this.#domains.find(
      ({ pattern }) => pattern.isExact && pattern.matches(HOST_NAME),
    );
    return found && { rules: found.rules };
  }
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
