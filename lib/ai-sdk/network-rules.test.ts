import { expect, test } from "vitest";
import { networkPolicy } from "./network-rules.ts";

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
