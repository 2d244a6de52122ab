import type { NetworkPolicy, NetworkRule } from "../../../../../contract/network-policy.ts";
import type { EgressSecret } from "../../../../../engine/secrets/egress-secret.ts";
import { HOST_ADDRESS, HOST_NAME, STAND_IN_ADDRESS } from "../router/link-addresses.ts";
import { AddressSet, parseCidr } from "./address-set.ts";
import { DomainPattern, plainName } from "./domain-pattern.ts";
import { isReserved, namedReserved } from "./reserved-addresses.ts";

/** What is to be done with the traffic to a name. */
export interface DomainVerdict {
  rules: readonly NetworkRule[];
  /** What leaves in place of placeholders. */
  secrets: readonly EgressSecret[];
  /** Whether requests are looked into, one by one. */
  isInspected: boolean;
}

/**
 * What may be said of an address alone. `open`: dial it. `shut`: never. `by-name`: as the address of a name
 * that is allowed, or, where `admits` says so, as one that nobody named.
 */
export type AddressVerdict = "open" | "shut" | "by-name";

type Custom = Extract<NetworkPolicy, { mode: "custom" }>;

/** A policy, ready to be asked. It looks nothing up and dials nothing. */
export class CompiledPolicy {
  readonly mode: NetworkPolicy["mode"];
  readonly #domains: {
    pattern: DomainPattern;
    rules: readonly NetworkRule[];
    grants: boolean;
  }[];
  readonly #deniedDomains: DomainPattern[];
  readonly #denied: AddressSet;
  readonly #allowed: AddressSet;
  readonly #namedReserved: AddressSet;
  readonly #allowsAnySubnet: boolean;
  /** Whether what no list speaks of is allowed. */
  readonly #isOpen: boolean;
  /** Whether an allowing list holds against a denying one. */
  readonly #allowedFirst: boolean;
  readonly #secrets: { patterns: DomainPattern[]; secret: EgressSecret }[];
  /** Whether even an address that is open to all has to be asked for its name. */
  readonly #asksNames: boolean;

  constructor(policy: NetworkPolicy, secrets: readonly EgressSecret[] = []) {
    this.mode = policy.mode;
    const custom: Custom = policy.mode === "custom" ? policy : { mode: "custom" };
    const allowedCidrs = custom.allowedCidrs ?? [];
    this.#isOpen = policy.mode === "allow-all" || custom.otherwise === "allow";
    this.#allowedFirst = custom.precedence === "allowed";
    this.#denied = new AddressSet(custom.deniedCidrs ?? []);
    this.#allowed = new AddressSet(allowedCidrs);
    this.#namedReserved = new AddressSet(namedReserved(allowedCidrs));
    this.#allowsAnySubnet = allowedCidrs.some((cidr) => parseCidr(cidr)?.prefix === 0);
    this.#domains = (custom.domains ?? [])
      .map(({ domain, rules, grants = true }) => ({
        pattern: new DomainPattern(domain),
        rules,
        grants,
      }))
      // Stable: of two that describe equally closely, the earlier one holds.
      .toSorted((one, other) => compare(other.pattern.weight, one.pattern.weight));
    this.#deniedDomains = (custom.deniedDomains ?? []).map((domain) => new DomainPattern(domain));
    this.#secrets = secrets
      .filter(({ hosts }) => hosts.length > 0)
      .map((secret) => ({
        secret,
        patterns: secret.hosts.map((host) => new DomainPattern(host)),
      }));
    this.#asksNames =
      this.#secrets.length > 0 ||
      this.#deniedDomains.length > 0 ||
      (this.#isOpen && this.#domains.some(({ rules }) => rules.length > 0));
  }

  /** Whether any traffic at all can be allowed for its name, or without one. */
  get hasDomains(): boolean {
    return this.#isOpen || this.#domains.length > 0 || this.#asksNames;
  }

  address(address: string): AddressVerdict {
    if (this.#isShut(address)) return "shut";
    if (address === HOST_ADDRESS || address === STAND_IN_ADDRESS) return "by-name";
    if (isReserved(address) && !this.#namedReserved.has(address)) return "shut";
    return this.#isOpenAddress(address) && !this.#asksNames ? "open" : "by-name";
  }

  /** Whether the address may be dialled for a client that names nobody. */
  admits(address: string): boolean {
    const verdict = this.address(address);
    if (verdict !== "by-name") return verdict === "open";
    if (address === HOST_ADDRESS || address === STAND_IN_ADDRESS) return false;
    return this.#isOpenAddress(address) || (this.#allowsUnnamed && !this.#denied.has(address));
  }

  /** Whether an allowed name may lead to the address. */
  mayLeadTo(name: string, address: string): boolean {
    if (this.#isShut(address)) return false;
    if (plainName(name) === HOST_NAME) return true;
    if (isReserved(address) && !this.#namedReserved.has(address)) return false;
    return !this.#denied.has(address) || this.#allowed.has(address) || this.#isGranted(name);
  }

  /** Undefined when the name is not allowed. */
  domain(name: string): DomainVerdict | undefined {
    const plain = plainName(name);
    if (plain === HOST_NAME) return this.#hostVerdict();
    const granted = this.#domains.find(({ pattern, grants }) => grants && pattern.matches(plain));
    const denied = this.#deniedDomains.some((pattern) => pattern.matches(plain));
    if (denied && !(granted && this.#allowedFirst)) return undefined;
    if (!granted && !this.#isOpen) return undefined;
    const ruled = this.#domains.find(({ pattern }) => pattern.matches(plain));
    return this.#verdict(plain, (granted?.rules.length ? granted : ruled)?.rules ?? []);
  }

  /** Whether the name is refused as such, wherever it leads. */
  refuses(name: string): boolean {
    const plain = plainName(name);
    if (plain === HOST_NAME || this.domain(plain)) return false;
    return this.#deniedDomains.some((pattern) => pattern.matches(plain));
  }

  /** Whether the name may be looked up outside. */
  mayResolve(name: string): boolean {
    if (this.domain(name)) return true;
    return this.#allowsAnySubnet && plainName(name) !== HOST_NAME && !this.refuses(name);
  }

  /** Whether a rule may answer for the name, or send what is meant for it elsewhere, so that it need not exist. */
  hasStandIn(name: string): boolean {
    const rules = this.domain(name)?.rules ?? [];
    return rules.some(
      ({ forwardUrl, response }) => forwardUrl !== undefined || response !== undefined,
    );
  }

  #verdict(plain: string, rules: readonly NetworkRule[]): DomainVerdict {
    const secrets = this.#secrets
      .filter(({ patterns }) => patterns.some((pattern) => pattern.matches(plain)))
      .map(({ secret }) => secret);
    return { rules, secrets, isInspected: rules.length > 0 || secrets.length > 0 };
  }

  // A wildcard does not name the machine that runs the engine.
  #hostVerdict(): DomainVerdict | undefined {
    const found = this.#domains.find(
      ({ pattern, grants }) => grants && pattern.isExact && pattern.matches(HOST_NAME),
    );
    return found && this.#verdict(HOST_NAME, found.rules);
  }

  #isGranted(name: string): boolean {
    return this.#domains.some(({ pattern, grants }) => grants && pattern.matches(name));
  }

  #isShut(address: string): boolean {
    return !this.#allowedFirst && this.#denied.has(address);
  }

  #isOpenAddress(address: string): boolean {
    if (this.#allowed.has(address)) return true;
    return this.#isOpen && !this.#denied.has(address);
  }

  // A list that allows every name keeps no address out.
  get #allowsUnnamed(): boolean {
    return this.#domains.some(
      ({ pattern, rules, grants }) => grants && pattern.isAny && rules.length === 0,
    );
  }
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
