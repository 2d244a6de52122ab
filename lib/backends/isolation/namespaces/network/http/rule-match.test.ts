import fc from "fast-check";
import { expect, test } from "vitest";
import type { NetworkRule, RuleMatch } from "../../../../../contract/network-policy.ts";
import { checkRules, findRule, type RequestFacts } from "./rule-match.ts";

const request: RequestFacts = {
  method: "POST",
  path: "/v1/Things",
  query: [
    ["tag", "a"],
    ["tag", "b"],
  ],
  headers: [
    ["X-Api-Key", "placeholder"],
    ["accept", "text/html"],
  ],
};
const rule = (match?: RuleMatch): NetworkRule => ({
  ...(match && { match }),
  transform: [{ headers: {} }],
});
const matches = (match: RuleMatch) => findRule([rule(match)], request) !== undefined;

test("the first rule that speaks of a request holds, and one without a match speaks of all", () => {
  const rules = [rule({ method: ["GET"] }), rule({ method: ["post"] }), rule()];
  expect(findRule(rules, request)).toBe(rules[1]);
  expect(findRule(rules, { ...request, method: "PUT" })).toBe(rules[2]);
  expect(findRule([], request)).toBeUndefined();
});

test("paths and values are compared letter by letter, names of headers in any case", () => {
  expect(matches({ path: { exact: "/v1/Things" } })).toBe(true);
  expect(matches({ path: { exact: "/v1/things" } })).toBe(false);
  expect(matches({ path: { startsWith: "/v1/" } })).toBe(true);
  expect(matches({ headers: [{ key: { exact: "x-api-KEY" } }] })).toBe(true);
  expect(matches({ headers: [{ key: { startsWith: "X-API" } }] })).toBe(true);
  expect(matches({ headers: [{ key: { regex: "^x-api-.*$" } }] })).toBe(true);
  expect(matches({ headers: [{ value: { exact: "Placeholder" } }] })).toBe(false);
  expect(matches({ queryString: [{ key: { exact: "TAG" } }] })).toBe(false);
});

test("key and value belong to one entry, and every matcher needs one", () => {
  const entry = (key: string, value: string) => ({ key: { exact: key }, value: { exact: value } });
  expect(matches({ queryString: [entry("tag", "a"), entry("tag", "b")] })).toBe(true);
  expect(matches({ queryString: [entry("tag", "c")] })).toBe(false);
  expect(matches({ headers: [entry("accept", "placeholder")] })).toBe(false);
  expect(matches({ method: ["POST"], path: { exact: "/other" } })).toBe(false);
});

test("an expression is found anywhere, and takes no more time for being nasty", () => {
  expect(matches({ path: { regex: "[0-9]/T" } })).toBe(true);
  expect(matches({ path: { regex: "^[0-9]/T" } })).toBe(false);
  // Backtracking would try this in more ways than there are atoms.
  const nasty = rule({ path: { regex: "^(a+)+$" } });
  expect(findRule([nasty], { ...request, path: `${"a".repeat(5_000)}!` })).toBeUndefined();
});

test("what is no expression of RE2's is refused with a word about it", () => {
  for (const regex of ["(", "(?=x)", "(a)\\1", "[z-a]"]) {
    expect(() => checkRules([rule({ path: { regex } })]), regex).toThrow(/RE2/);
  }
});

test("an exact text finds itself and nothing that begins like it", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (text, more) => {
      const exact = rule({ path: { exact: text } });
      expect(findRule([exact], { ...request, path: text })).toBe(exact);
      expect(findRule([exact], { ...request, path: text + more })).toBeUndefined();
      const start = rule({ path: { startsWith: text } });
      expect(findRule([start], { ...request, path: text + more })).toBe(start);
    }),
  );
});
