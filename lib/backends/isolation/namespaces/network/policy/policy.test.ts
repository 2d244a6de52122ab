import { networkInterfaces } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NetworkPolicy, NetworkRule } from "../../../../../contract/network-policy.ts";
import { AddressSet, parseCidr, plainAddress } from "./address-set.ts";
import { CompiledPolicy } from "./compiled-policy.ts";
import { DomainPattern } from "./domain-pattern.ts";
import { isReserved, namedReserved } from "./reserved-addresses.ts";

type Custom = Extract<NetworkPolicy, { mode: "custom" }>;
const custom = (parts: Omit<Custom, "mode">) => new CompiledPolicy({ mode: "custom", ...parts });
const plain = { rules: [], secrets: [], isInspected: false };
const ruled = (...rules: NetworkRule[]) => ({ rules, secrets: [], isInspected: true });
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
    expect(policy.domain("any.example")).toEqual(plain);
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
      expect([policy.hasDomains, policy.admits("8.8.8.8"), policy.mayResolve("a.example")]).toEqual(
        [false, false, false],
      );
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
    expect(policy.domain("api.example")).toEqual(ruled(rule));
    expect(policy.domain("x.example")).toEqual(ruled(other));
    expect(policy.domain("else.test")).toEqual(plain);
  });

  test("lets names be looked up that it allows, and all where any subnet may be reached", () => {
    const policy = custom({ domains: domains("a.example") });
    expect([policy.mayResolve("a.example"), policy.mayResolve("b.example")]).toEqual([true, false]);
    expect(custom({ allowedCidrs: ["10.0.0.0/8"] }).mayResolve("b.example")).toBe(false);
    expect(custom({ allowedCidrs: ["0.0.0.0/0"] }).mayResolve("b.example")).toBe(true);
  });
});

describe("a policy whose allowing list comes first", () => {
  const allowed = (parts: Omit<Custom, "mode">) => custom({ precedence: "allowed", ...parts });

  test("opens an allowed subnet within a denied one, and leaves the rest of that shut", () => {
    const policy = allowed({
      otherwise: "allow",
      allowedCidrs: ["10.1.0.0/16"],
      deniedCidrs: ["10.0.0.0/8"],
    });
    expect(policy.admits("10.1.2.3")).toBe(true);
    expect(policy.admits("10.2.2.3")).toBe(false);
    expect(policy.admits("8.8.8.8")).toBe(true);
    expect(policy.mayLeadTo("any.example", "10.2.2.3")).toBe(false);
    expect(policy.mayLeadTo("any.example", "10.1.2.3")).toBe(true);
  });

  test("lets an allowed domain lead anywhere but to reserved addresses, though everything is denied", () => {
    const policy = allowed({
      otherwise: "allow",
      domains: domains("good.example"),
      deniedCidrs: ["0.0.0.0/0", "::/0"],
    });
    expect(policy.domain("good.example")).toEqual(plain);
    expect(policy.mayLeadTo("good.example", "8.8.8.8")).toBe(true);
    expect(policy.mayLeadTo("good.example", "127.0.0.1")).toBe(false);
    expect(policy.mayLeadTo("bad.example", "8.8.8.8")).toBe(false);
    expect(policy.address("8.8.8.8")).toBe("by-name");
    expect(policy.admits("8.8.8.8")).toBe(false);
    expect(policy.admits("2606:4700::1111")).toBe(false);
  });

  test("knows an allowed domain below a denied one", () => {
    const policy = allowed({
      otherwise: "allow",
      domains: domains("good.example"),
      deniedDomains: ["*.example"],
    });
    expect(policy.domain("good.example")).toEqual(plain);
    expect(policy.domain("bad.example")).toBeUndefined();
    expect([policy.refuses("good.example"), policy.refuses("bad.example")]).toEqual([false, true]);
    expect([policy.mayResolve("bad.example"), policy.mayResolve("else.test")]).toEqual([
      false,
      true,
    ]);
  });
});

describe("a policy that denies a domain", () => {
  test("does so whatever allows it, and says nothing of its addresses", () => {
    const policy = custom({
      domains: domains("*"),
      allowedCidrs: ["0.0.0.0/0"],
      deniedDomains: ["bad.example"],
    });
    expect(policy.domain("bad.example")).toBeUndefined();
    expect(policy.mayResolve("bad.example")).toBe(false);
    // Its name has to be asked for first.
    expect(policy.address("8.8.8.8")).toBe("by-name");
    expect(policy.admits("8.8.8.8")).toBe(true);
  });
});

describe("a policy that is open", () => {
  test("looks into requests to a domain that has rules, which need not grant it", () => {
    const rule = { response: { statusCode: 403 } };
    const rules = [{ domain: "api.example", rules: [rule], grants: false }];
    const open = custom({ otherwise: "allow", domains: rules });
    expect(open.domain("api.example")).toEqual(ruled(rule));
    expect(open.address("8.8.8.8")).toBe("by-name");
    expect(open.admits("8.8.8.8")).toBe(true);
    expect(open.admits("127.0.0.1")).toBe(false);
    expect(custom({ domains: rules }).domain("api.example")).toBeUndefined();
  });
});

describe("secrets", () => {
  const secret = { placeholder: "p", value: "v", hosts: ["api.example", "*.api.example"] };

  test("have requests to their hosts looked into, and to no others", () => {
    for (const mode of ["allow-all", "deny-all"] as const) {
      const policy = new CompiledPolicy({ mode }, [secret]);
      const found = { rules: [], secrets: [secret], isInspected: true };
      const isAllowed = mode === "allow-all";
      expect(policy.domain("API.example."), mode).toEqual(isAllowed ? found : undefined);
      expect(policy.domain("x.api.example"), mode).toEqual(isAllowed ? found : undefined);
      expect(policy.domain("api.example.evil.test"), mode).toEqual(isAllowed ? plain : undefined);
      expect(policy.address("8.8.8.8")).toBe("by-name");
      expect(policy.admits("8.8.8.8")).toBe(isAllowed);
    }
  });

  test("without hosts go nowhere, and nothing is looked into for them", () => {
    const policy = new CompiledPolicy({ mode: "allow-all" }, [{ ...secret, hosts: [] }]);
    expect(policy.domain("api.example")).toEqual(plain);
    expect(policy.address("8.8.8.8")).toBe("open");
  });
});
