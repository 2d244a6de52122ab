import { expect, test } from "vitest";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import { presentNetwork, toNetworkPolicy } from "./wire-network.ts";

const LISTS = { networkAllowList: "10.0.0.0/8,2001:db8::/32", domainAllowList: "*.example.com" };
const CUSTOM: NetworkPolicy = {
  mode: "custom",
  allowedCidrs: ["10.0.0.0/8", "2001:db8::/32"],
  domains: [{ domain: "*.example.com", rules: [] }],
};

test("a block, two lists, or neither", () => {
  expect(toNetworkPolicy({})).toEqual({ mode: "allow-all" });
  expect(toNetworkPolicy({ networkBlockAll: true, ...LISTS })).toEqual({ mode: "deny-all" });
  expect(toNetworkPolicy(LISTS)).toEqual(CUSTOM);
  expect(presentNetwork(CUSTOM)).toEqual({ networkBlockAll: false, ...LISTS });
  expect(presentNetwork({ mode: "deny-all" })).toEqual({ networkBlockAll: true });
});

test("what is not given stays", () => {
  expect(toNetworkPolicy({ domainAllowList: "" }, CUSTOM)).toEqual({
    mode: "custom",
    allowedCidrs: ["10.0.0.0/8", "2001:db8::/32"],
  });
  expect(toNetworkPolicy({}, { mode: "deny-all" })).toEqual({ mode: "deny-all" });
  expect(toNetworkPolicy({ networkBlockAll: false }, { mode: "deny-all" })).toEqual({
    mode: "allow-all",
  });
  // A list ends a block: it says what is allowed.
  expect(toNetworkPolicy(LISTS, { mode: "deny-all" })).toEqual(CUSTOM);
});

test("a domain keeps the rules that another face gave it", () => {
  const rules = [{ transform: [{ headers: { authorization: "x" } }] }];
  const before: NetworkPolicy = { mode: "custom", domains: [{ domain: "a.example", rules }] };
  expect(toNetworkPolicy({ domainAllowList: "a.example, b.example" }, before)).toEqual({
    mode: "custom",
    domains: [
      { domain: "a.example", rules },
      { domain: "b.example", rules: [] },
    ],
  });
});

test("what another face has denied stays denied", () => {
  const before: NetworkPolicy = {
    mode: "custom",
    deniedCidrs: ["10.0.0.0/8"],
    deniedDomains: ["bad.example"],
    otherwise: "allow",
  };
  expect(toNetworkPolicy({}, before)).toEqual(before);
  expect(toNetworkPolicy({ networkBlockAll: false }, before)).toEqual(before);
  const { otherwise: _otherwise, ...denied } = before;
  const listed = toNetworkPolicy({ networkAllowList: "10.1.0.0/16" }, before);
  expect(listed).toEqual({ ...denied, allowedCidrs: ["10.1.0.0/16"] });
  expect(toNetworkPolicy({ networkAllowList: "" }, listed)).toEqual(before);
});

test("a domain that is only ruled is told once it is allowed", () => {
  const rules = [{ transform: [{ headers: { authorization: "x" } }] }];
  const ruled = { domain: "a.example", rules, grants: false };
  const before: NetworkPolicy = { mode: "custom", domains: [ruled], otherwise: "allow" };
  expect(presentNetwork(before)).toEqual({ networkBlockAll: false });
  const allowed = toNetworkPolicy({ domainAllowList: "a.example" }, before);
  expect(allowed).toEqual({ mode: "custom", domains: [{ domain: "a.example", rules }] });
  expect(presentNetwork(allowed)).toMatchObject({ domainAllowList: "a.example" });
  // Its rules alone close nothing.
  const listed = toNetworkPolicy({ networkAllowList: "10.0.0.0/8" }, before);
  expect(toNetworkPolicy({ networkAllowList: "" }, listed)).toEqual(before);
});

test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "example.com/8", "10.0.0.0/8/8", "::/129"])(
  "%j is no subnet",
  (networkAllowList) => {
    expect(() => toNetworkPolicy({ networkAllowList })).toThrow("is no subnet");
  },
);
