import { expect, test } from "vitest";
import { NetworkPolicy } from "../../../contract/network-policy.ts";
import { keptNetwork, toNetworkPolicy, WireNetwork } from "./wire-network.ts";

const ALL = "0.0.0.0/0";
const custom = { mode: "custom", otherwise: "allow", precedence: "allowed" };

test.each([
  ["nothing at all", {}, true, { mode: "allow-all" }],
  ["empty lists", { allowOut: [], denyOut: [], rules: {} }, true, { mode: "allow-all" }],
  ["what is allowed anyway", { allowOut: ["10.0.0.0/8"] }, true, { mode: "allow-all" }],
  ["no internet", {}, false, { mode: "deny-all" }],
  ["everything denied", { denyOut: [ALL] }, true, { mode: "deny-all" }],
  ["a range denied", { denyOut: ["10.0.0.0/8"] }, true, { ...custom, deniedCidrs: ["10.0.0.0/8"] }],
  [
    "an address allowed in a range denied",
    { denyOut: ["10.0.0.0/8"], allowOut: ["10.1.2.3"] },
    true,
    { ...custom, deniedCidrs: ["10.0.0.0/8"], allowedCidrs: ["10.1.2.3"] },
  ],
  [
    "domains alone",
    { denyOut: [ALL], allowOut: ["a.example", "*.b.example"] },
    true,
    {
      ...custom,
      domains: [
        { domain: "a.example", rules: [] },
        { domain: "*.b.example", rules: [] },
      ],
      deniedCidrs: [ALL, "::/0"],
    },
  ],
  [
    "no internet but for a domain",
    { allowOut: ["a.example"] },
    false,
    {
      ...custom,
      domains: [{ domain: "a.example", rules: [] }],
      deniedCidrs: [ALL, "::/0"],
    },
  ],
  [
    "headers for a host that is allowed anyway, with a secret",
    {
      rules: {
        "a.example": [{ transform: { headers: { auth: "Bearer ${e2b.secrets.my-key}" } } }],
      },
    },
    true,
    {
      ...custom,
      domains: [
        {
          domain: "a.example",
          rules: [{ transform: [{ headers: { auth: "Bearer ${secret:my-key}" } }] }],
          grants: false,
        },
      ],
    },
  ],
  [
    "headers for a host that is on the list",
    {
      denyOut: [ALL],
      allowOut: ["a.example"],
      rules: { "a.example": [{}, { transform: { headers: { x: "1" } } }] },
    },
    true,
    {
      ...custom,
      domains: [{ domain: "a.example", rules: [{ transform: [{ headers: { x: "1" } }] }] }],
      deniedCidrs: [ALL, "::/0"],
    },
  ],
] as const)("%s is a policy of the engine's", (_what, given, internet, policy) => {
  const network = WireNetwork.parse(given);
  const made = toNetworkPolicy(network, internet);
  expect(made).toEqual(policy);
  expect(NetworkPolicy.parse(made)).toEqual(policy);
});

test("what was asked for is kept to be told again, but for a proxy and its password", () => {
  const given = {
    allowOut: ["a.example"],
    denyOut: [ALL],
    rules: null,
    egressProxy: { address: "p:1", password: "hunter2" },
  };
  expect(keptNetwork(WireNetwork.parse(given))).toEqual({
    allowOut: ["a.example"],
    denyOut: [ALL],
  });
  expect(keptNetwork(WireNetwork.parse({}))).toBeUndefined();
});
