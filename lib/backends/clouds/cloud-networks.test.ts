import { expect, test } from "vitest";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import { networkOf as daytonaNetwork } from "./daytona/daytona-network.ts";
import { networkOf as e2bNetwork } from "./e2b/e2b-network.ts";

const custom = (rest: Partial<Extract<NetworkPolicy, { mode: "custom" }>>): NetworkPolicy => ({
  mode: "custom",
  ...rest,
});
const domain = (name: string, rules: object[] = []) => ({ domain: name, rules });

test("is everything or nothing in each cloud's words", () => {
  expect(e2bNetwork({ mode: "allow-all" })).toEqual({});
  expect(e2bNetwork({ mode: "deny-all" })).toEqual({ denyOut: ["0.0.0.0/0"] });
  expect(daytonaNetwork({ mode: "allow-all" })).toEqual({ networkBlockAll: false });
  expect(daytonaNetwork({ mode: "deny-all" })).toEqual({ networkBlockAll: true });
});

test("denies everything else where domains or addresses are allowed", () => {
  const domains = custom({ domains: [domain("a.example"), domain("*.b.example")] });
  expect(e2bNetwork(domains)).toEqual({
    allowOut: ["a.example", "*.b.example"],
    denyOut: ["0.0.0.0/0"],
  });
  expect(daytonaNetwork(domains)).toEqual({
    networkBlockAll: false,
    domainAllowList: "a.example,*.b.example",
  });
  const ranges = custom({ allowedCidrs: ["10.0.0.0/8", "1.1.1.1/32"] });
  expect(e2bNetwork(ranges)).toEqual({
    allowOut: ["10.0.0.0/8", "1.1.1.1/32"],
    denyOut: ["0.0.0.0/0"],
  });
  expect(daytonaNetwork(ranges)).toEqual({
    networkBlockAll: false,
    networkAllowList: "10.0.0.0/8,1.1.1.1/32",
  });
  expect(daytonaNetwork(custom({}))).toEqual({ networkBlockAll: true });
});

test("sets headers for a domain at e2b, and refuses every other rule by its kind", () => {
  const headers = { authorization: "Bearer secret" };
  const keyed = custom({ domains: [domain("a.example", [{ transform: [{ headers }] }])] });
  expect(e2bNetwork(keyed)).toEqual({
    allowOut: ["a.example"],
    denyOut: ["0.0.0.0/0"],
    rules: { "a.example": [{ transform: { headers } }] },
  });
  expect(() => daytonaNetwork(keyed)).toThrow("Daytona changes no requests");
  for (const [rule, name] of [
    [{ match: { path: { startsWith: "/" } }, transform: [] }, "matches some requests"],
    [{ forwardUrl: "http://localhost:1" }, "forwards requests"],
    [{ response: { statusCode: 204 } }, "answers requests"],
  ] as const) {
    expect(() => e2bNetwork(custom({ domains: [domain("a.example", [rule])] }))).toThrow(
      expect.objectContaining({ code: "unsupported", message: expect.stringContaining(name) }),
    );
  }
});

test("refuses what the two orders of allowed and denied would tell differently", () => {
  const within = custom({ allowedCidrs: ["10.0.0.0/8"], deniedCidrs: ["10.1.0.0/16"] });
  expect(() => e2bNetwork(within)).toThrow("denied within them");
  expect(() => daytonaNetwork(within)).toThrow("denied address ranges");
  expect(e2bNetwork(custom({ domains: [domain("*")], deniedCidrs: ["10.0.0.0/8"] }))).toEqual({
    denyOut: ["10.0.0.0/8"],
  });
});
