// The link between a sandbox and its router. Each sandbox has one of its own, so all use the same
// addresses: 198.18.0.0/15 is reserved for tests of network devices (RFC 2544) and routed by nobody.

/** The sandbox's own address. */
export const SANDBOX_ADDRESS = "198.18.0.2";
/** The router's: gateway and name server of the sandbox. */
export const ROUTER_ADDRESS = "198.18.0.1";
/** Stands for the loopback of the machine that runs the engine, for policies that name it. */
export const HOST_ADDRESS = "198.18.1.1";
/** The name of `HOST_ADDRESS`. */
export const HOST_NAME = "host.sandlot.internal";
/** Stands for every host that need not exist, because a rule answers in its stead or sends elsewhere. */
export const STAND_IN_ADDRESS = "198.19.0.1";
/** All addresses of such links. */
export const LINK_RANGE = "198.18.0.0/15";

/** The same for IPv6, from a unique local prefix of our own. */
export const SANDBOX_ADDRESS_6 = "fd53:616e:646c:6f74::2";
export const ROUTER_ADDRESS_6 = "fd53:616e:646c:6f74::1";
export const LINK_RANGE_6 = "fd53:616e:646c:6f74::/64";

/** What a sandbox's /etc/resolv.conf holds. */
export function resolvConf(): string {
  return `nameserver ${ROUTER_ADDRESS}\noptions timeout:5 attempts:2\n`;
}
