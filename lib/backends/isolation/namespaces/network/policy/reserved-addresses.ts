import { networkInterfaces } from "node:os";
import { LINK_RANGE, LINK_RANGE_6 } from "../router/link-addresses.ts";
import { AddressSet, isWithin, parseCidr, type Subnet } from "./address-set.ts";

/**
 * Where no sandbox gets unless its policy names the place: the machine itself, what is one link away (the
 * cloud's metadata services among it), other sandboxes, and what is no single machine's address.
 */
const RANGES: readonly string[] = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  LINK_RANGE,
  "224.0.0.0/4",
  "240.0.0.0/4",
  // Metadata services that are not link-local: Azure, Alibaba Cloud, Oracle's of old.
  "168.63.129.16/32",
  "100.100.100.200/32",
  "::/128",
  "::1/128",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
  "fd00:ec2::/64", // AWS's metadata service.
  "fd20:ce::/64", // Google's.
  LINK_RANGE_6,
  // These carry an IPv4 address inside, which would have to be looked at in its stead.
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2002::/16",
  "2001::/32",
];

const fixed = new AddressSet(RANGES);
const fixedSubnets = RANGES.flatMap((range) => parseCidr(range) ?? []);

/** The addresses of this machine at this moment: a laptop moves between networks. */
function ownSubnets(): Subnet[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ address }) => parseCidr(address) ?? []),
  );
}

/** Whether a sandbox gets to the address only by a policy that names it. */
export function isReserved(address: string): boolean {
  return fixed.has(address) || new AddressSet(ownSubnets().map(({ base }) => base)).has(address);
}

/**
 * Those of the subnets that speak of reserved addresses alone. A wide subnet, such as 0.0.0.0/0, covers the
 * reserved addresses in it but names none of them.
 */
export function namedReserved(cidrs: readonly string[]): string[] {
  return cidrs.filter((cidr) => {
    const subnet = parseCidr(cidr);
    return subnet && [...fixedSubnets, ...ownSubnets()].some((range) => isWithin(subnet, range));
  });
}
