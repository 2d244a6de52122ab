import { BlockList, isIP, isIPv6 } from "node:net";

/** An IP address in the one form in which it is compared: an IPv4 address is never written as IPv6. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

/** Subnets in CIDR notation; an address alone is a subnet of one. */
export class AddressSet {
  readonly #list = new BlockList();

  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) {
      const subnet = parseCidr(cidr);
      if (subnet) this.#list.addSubnet(subnet.base, subnet.prefix, subnet.family);
    }
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && this.#list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  }
}

export interface Subnet {
  base: string;
  prefix: number;
  family: "ipv4" | "ipv6";
}

/** Undefined for what is no subnet. */
export function parseCidr(cidr: string): Subnet | undefined {
  const [base = "", length, ...rest] = cidr.trim().split("/");
  const version = isIP(base);
  if (version === 0 || rest.length > 0 || base.includes("%")) return undefined;
  const longest = version === 4 ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = length === undefined ? longest : Number(length);
  if (prefix > longest) return undefined;
  return { base, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}

/** Whether all of a subnet lies in the range. */
export function isWithin(subnet: Subnet, range: Subnet): boolean {
  if (subnet.family !== range.family || subnet.prefix < range.prefix) return false;
  return new AddressSet([`${range.base}/${range.prefix}`]).has(subnet.base);
}
