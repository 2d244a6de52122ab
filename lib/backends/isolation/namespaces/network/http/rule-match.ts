import type {
  KeyValueMatcher,
  NetworkRule,
  RuleMatch,
} from "../../../../../contract/network-policy.ts";
import type * as z from "zod";
import { textTest } from "./text-match.ts";

/** What rules look at in a request. */
export interface RequestFacts {
  method: string;
  /** Without the query. */
  path: string;
  query: readonly (readonly [key: string, value: string])[];
  headers: readonly (readonly [name: string, value: string])[];
}

type RequestTest = (request: RequestFacts) => boolean;

/** Tests that were made already, by the rule's own object: a policy is replaced, never changed. */
const tests = new WeakMap<NetworkRule, RequestTest>();

/** The first rule that speaks of the request. */
export function findRule(
  rules: readonly NetworkRule[],
  request: RequestFacts,
): NetworkRule | undefined {
  return rules.find((rule) => testOf(rule)(request));
}

/** Throws `invalid_request` if a rule can never be applied. */
export function checkRules(rules: readonly NetworkRule[]): void {
  for (const rule of rules) testOf(rule);
}

function testOf(rule: NetworkRule): RequestTest {
  const known = tests.get(rule);
  if (known) return known;
  const test = requestTest(rule.match ?? {});
  tests.set(rule, test);
  return test;
}

function requestTest({ path, method, queryString, headers }: RuleMatch): RequestTest {
  const ofPath = path && textTest(path);
  const methods = method && new Set(method.map((name) => name.toUpperCase()));
  const ofQuery = queryString?.map((entry) => entryTest(entry, { ignoreCase: false })) ?? [];
  const ofHeaders = headers?.map((entry) => entryTest(entry, { ignoreCase: true })) ?? [];
  return (request) =>
    (!ofPath || ofPath(request.path)) &&
    (!methods || methods.has(request.method.toUpperCase())) &&
    ofQuery.every((test) => request.query.some(test)) &&
    ofHeaders.every((test) => request.headers.some(test));
}

function entryTest(
  { key, value }: z.output<typeof KeyValueMatcher>,
  ofKey: { ignoreCase: boolean },
): (entry: readonly [string, string]) => boolean {
  const isKey = key && textTest(key, ofKey);
  const isValue = value && textTest(value);
  return ([name, text]) => (!isKey || isKey(name)) && (!isValue || isValue(text));
}
