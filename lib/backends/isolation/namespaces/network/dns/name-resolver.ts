import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { plainAddress } from "../policy/address-set.ts";
import { plainName } from "../policy/domain-pattern.ts";
import { HOST_NAME } from "../router/link-addresses.ts";

/** The addresses of a name, or why there are none: it does not exist, or nobody could say. */
export type Resolution = { addresses: string[] } | { failure: "unknown" | "unavailable" };

/** Looks names up as any program of the machine would: hosts file, VPN and all. */
export class NameResolver {
  readonly #hosts: Readonly<Record<string, readonly string[]>>;

  /** `hosts` come before what the machine knows. */
  constructor(hosts: Readonly<Record<string, readonly string[]>> = {}) {
    this.#hosts = hosts;
  }

  /** Never rejects. */
  async resolve(name: string): Promise<Resolution> {
    const plain = plainName(name);
    const given = this.#hosts[plain];
    if (given) return { addresses: [...given] };
    if (plain === HOST_NAME) return { addresses: ["127.0.0.1", "::1"] };
    if (isIP(plain) !== 0) return { failure: "unknown" };
    try {
      const found = await lookup(plain, { all: true, order: "ipv4first" });
      return { addresses: [...new Set(found.map(({ address }) => plainAddress(address)))] };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      return { failure: code === "ENOTFOUND" || code === "ENODATA" ? "unknown" : "unavailable" };
    }
  }
}
