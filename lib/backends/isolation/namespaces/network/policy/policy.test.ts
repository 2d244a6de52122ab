import { networkInterfaces } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NetworkPolicy } from "../../../../../contract/network-policy.ts";
import { AddressSet, parseCidr, plainAddress } from "./address-set.ts";
import { CompiledPolicy } from "./compiled-policy.ts";
import { DomainPattern } from "./domain-pattern.ts";
import { isReserved, namedReserved } from "./reserved-addresses.ts";

type Custom = Extract<NetworkPolicy, { mode: "custom" }>;
const custom = (parts: Omit<Custom, "mode">) => new CompiledPolicy({ mode: "custom", ...parts });
const domains = (...names: string[]) => names.map((domain) => ({ domain, rules: [] }));

describe("a domain's pattern", () => {
  const matches = (pattern: string, name: string) => new DomainPattern(pattern).matches(name);

  test("is the name itself, in whatever letters, with or without the root's dot", () => {
    expect(matches("API.example", "api.EXAMPLE.")).toBe(true);
    expect(matches("api.example", "x.api.example")).toBe(false);
    expect(matches("api.example", "xapi.example")).toBe(false);
    expect(matches("api.example", "api.example.evil.test")).toBe(false);
  });

  test("begins with a star for subdomains of any depth, and not for the domain itself", () => {
    expect(matches("*.example.com", "a.example.com")).toBe(true);
    expect(matches("*.example.com", "a.b.example.com")).toBe(true);
    expect(matches("*.example.com", "example.com")).toBe(false);
    expect(matches("*.example.com", "badexample.com")).toBe(false);
  });

  test("has a star elsewhere for exactly one label, or a part of one", () => {
    expect(matches("api.*.example", "api.eu.example")).toBe(true);
    expect(matches("api.*.example", "api.eu.west.example")).toBe(false);
    expect(matches("api-*.example", "api-eu.example")).toBe(true);
    expect(matches("api-*.example", "api-eu.x.example")).toBe(false);
    expect(matches("*-a*b.example", "x-acb.example")).toBe(true);
    expect(matches("ab*ba.example", "aba.example")).toBe(false);
  });

  test("of one star is every name", () => {
    fc.assert(
      fc.property(fc.domain(), (name) => {
        expect(matches("*", name)).toBe(true);
        expect(matches(name, name)).toBe(true);
        expect(matches(`*.${name}`, `x.${name}`)).toBe(true);
      }),
    );
  });
});

describe("a set of subnets", () => {
  test("holds what lies in one of them, in either family", () => {
    const set = new AddressSet(["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]);
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "192.0.2.7"]) {
      expect(set.has(address), address).toBe(true);
    }
    for (const address of ["11.0.0.1", "2001:db9::1", "192.0.2.8", "::a01:203", "nonsense"]) {
      expect(set.has(address), address).toBe(false);
    }
  });

  test("takes no text for a subnet that is none", () => {
    for (const text of [
      "",
      "10.0.0.0/33",
      "10.0.0/8",
      "::/129",
      "10.0.0.0/8/8",
      "fe80::1%lo/64",
      "1.2.3.4/x",
    ]) {
      expect(parseCidr(text), text).toBeUndefined();
    }
    expect(plainAddress("::ffff:1.2.3.4")).toBe("1.2.3.4");
  });
});

describe("reserved addresses", () => {
  test("are this machine's, one link away, other sandboxes', and no single host's", () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    expect(own.filter(({ address }) => !isReserved(address))).toEqual([]);
    for (const address of [
      "127.0.0.1",
      "127.1.2.3",
      "0.0.0.0",
      "169.254.169.254",
      "198.18.0.2",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "::1",
      "::ffff:127.0.0.1",
      "::127.0.0.1",
      "fe80::1",
      "fd00:ec2::254",
      "64:ff9b::7f00:1",
      "2002:7f00:1::",
    ]) {
      expect(isReserved(address), address).toBe(true);
    }
    for (const address of ["8.8.8.8", "10.0.0.1", "2606:4700::1111"]) {
      expect(isReserved(address), address).toBe(false);
    }
  });

  test("are named by subnets that lie within, not by those that cover them", () => {
    const named = ["169.254.169.254/32", "127.0.0.0/8", "169.254.0.0/16", "::1/128"];
    expect(namedReserved([...named, "0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/8"])).toEqual(named);
  });
});

describe("a policy", () => {
  test("that allows all keeps reserved addresses shut", () => {
    const policy = new CompiledPolicy({ mode: "allow-all" });
    expect(policy.address("8.8.8.8")).toBe("open");
    expect(policy.address("2606:4700::1111")).toBe("open");
    expect(policy.address("127.0.0.1")).toBe("shut");
    expect(policy.domain("any.example")).toEqual({ rules: [] });
    expect(policy.domain("host.sandlot.internal")).toBeUndefined();
    expect(policy.mayLeadTo("any.example", "169.254.169.254")).toBe(false);
  });

  test("that denies all, or lists nothing, leaves nothing open", () => {
    for (const policy of [
      new CompiledPolicy({ mode: "deny-all" }),
      custom({}),
      custom({ deniedCidrs: ["10.0.0.0/8"] }),
    ]) {
      expect(policy.address("8.8.8.8")).toBe("by-name");
      expect([policy.hasDomains, policy.unnamed, policy.mayResolve("a.example")]).toEqual([
        false,
        false,
        false,
      ]);
    }
  });

  test("puts a denied subnet before everything", () => {
    const policy = custom({
      domains: domains("*"),
      allowedCidrs: ["10.0.0.0/8", "127.0.0.1/32"],
      deniedCidrs: ["10.1.0.0/16", "127.0.0.0/8"],
    });
    expect(policy.address("10.2.0.1")).toBe("open");
    expect(policy.address("10.1.0.1")).toBe("shut");
    expect(policy.address("127.0.0.1")).toBe("shut");
    expect(policy.mayLeadTo("a.example", "10.1.0.1")).toBe(false);
  });

  test("opens a reserved address only to the subnet that names it", () => {
    expect(custom({ allowedCidrs: ["0.0.0.0/0"] }).address("169.254.169.254")).toBe("shut");
    expect(custom({ allowedCidrs: ["169.254.169.254/32"] }).address("169.254.169.254")).toBe(
      "open",
    );
  });

  test("goes by the pattern that describes the name most closely", () => {
    const rule = { response: { statusCode: 403 } };
    const other = { response: { statusCode: 404 } };
    const policy = custom({
      domains: [
        { domain: "*", rules: [] },
        { domain: "*.example", rules: [other] },
        { domain: "api.example", rules: [rule] },
      ],
    });
    expect(policy.domain("api.example")).toEqual({ rules: [rule] });
    expect(policy.domain("x.example")).toEqual({ rules: [other] });
    expect(policy.domain("else.test")).toEqual({ rules: [] });
  });

  test("lets names be looked up that it allows, and all where any subnet may be reached", () => {
    const policy = custom({ domains: domains("a.example") });
    expect([policy.mayResolve("a.example"), policy.mayResolve("b.example")]).toEqual([true, false]);
    expect(custom({ allowedCidrs: ["10.0.0.0/8"] }).mayResolve("b.example")).toBe(false);
    expect(custom({ allowedCidrs: ["0.0.0.0/0"] }).mayResolve("b.example")).toBe(true);
  });
});
