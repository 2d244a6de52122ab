import { expect, test } from "vitest";
import type { NetworkPolicy, NetworkPolicyRule } from "../trigger-client/index.ts";
import { networkPolicy, startingPolicy, toldPolicy } from "./network-rules.ts";

const key = {
  match: { host: "api.example.com", path: { startsWith: "/v1/" }, method: ["POST"] },
  transform: { headers: { authorization: "Bearer secret" } },
};
const keyRule = {
  transform: [{ headers: { authorization: "Bearer secret" } }],
  match: { path: { startsWith: "/v1/" }, method: ["POST"] },
};

test("passes on what has no conditions", () => {
  expect(networkPolicy({ mode: "allow-all" }, [])).toBe("allow-all");
  expect(networkPolicy({ mode: "deny-all" }, [key])).toBe("deny-all");
});

test("gives a host its headers, and lets all others through where all were", () => {
  const second = { match: { host: "other.example.com" }, transform: { headers: { "x-a": "1" } } };
  expect(networkPolicy({ mode: "allow-all" }, [key, second])).toEqual({
    allow: {
      "*": [],
      "api.example.com": [keyRule],
      "other.example.com": [{ transform: [{ headers: { "x-a": "1" } }] }],
    },
  });
});

test("opens no host for a transformation's sake, by its name or by one with a star", () => {
  expect(networkPolicy({ mode: "custom", allowedHosts: ["npmjs.org"] }, [key])).toEqual({
    allow: { "npmjs.org": [] },
    subnets: {},
  });
  expect(
    networkPolicy(
      { mode: "custom", allowedHosts: ["*.example.com"], deniedCIDRs: ["10.0.0.0/8"] },
      [key],
    ),
  ).toEqual({
    allow: { "*.example.com": [], "api.example.com": [keyRule] },
    subnets: { deny: ["10.0.0.0/8"] },
  });
});

test("goes on from the policy that a sandbox was made with, its own rules before all others", () => {
  expect(networkPolicy(startingPolicy("deny-all"), [key])).toBe("deny-all");
  expect(networkPolicy(startingPolicy(), [])).toBe("allow-all");
  const forwards = { forwardURL: "https://proxy.example.com" };
  const made: NetworkPolicy = {
    allow: { "api.example.com": [forwards], "npmjs.org": [] },
    subnets: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] },
  };
  expect(networkPolicy(startingPolicy(made), [])).toEqual(made);
  expect(networkPolicy(startingPolicy(made), [key])).toEqual({
    ...made,
    allow: { "api.example.com": [forwards, keyRule], "npmjs.org": [] },
  });
  expect(networkPolicy(startingPolicy({ allow: { "*.example.com": [forwards] } }), [key])).toEqual({
    allow: { "*.example.com": [forwards], "api.example.com": [forwards, keyRule] },
    subnets: {},
  });
  // Of several that let it through the closest decides, wherever it stands.
  for (const close of ["*.example.com", "*.com", "api.*.com", "a*.example.com"]) {
    const allow: Record<string, NetworkPolicyRule[]> = { "*": [], [close]: [forwards] };
    expect(networkPolicy(startingPolicy({ allow }), [key])).toEqual({
      allow: { ...allow, "api.example.com": [forwards, keyRule] },
      subnets: {},
    });
  }
  for (const other of [
    "example.com",
    "*.api.example.com",
    "*.org",
    "b*.example.com",
    "*-x.example.com",
  ]) {
    expect(networkPolicy(startingPolicy({ allow: { [other]: [forwards] } }), [key])).toEqual({
      allow: { [other]: [forwards] },
      subnets: {},
    });
  }
  expect(networkPolicy(startingPolicy({ allow: ["npmjs.org"] }), [key])).toEqual({
    allow: { "npmjs.org": [] },
    subnets: {},
  });
});

test("sends no header back whose value it was not told", () => {
  const forwards = { forwardURL: "https://proxy.example.com" };
  const told: NetworkPolicy = {
    allow: {
      "api.example.com": [{ transform: [{ headers: { authorization: "<redacted>" } }] }, forwards],
    },
  };
  expect(networkPolicy(toldPolicy(told), [])).toEqual({
    allow: { "api.example.com": [forwards] },
    subnets: {},
  });
});
