import { Sandbox } from "@vercel/sandbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NetworkPolicy } from "../../contract/network-policy.ts";
import { scriptedFace, vendorModule } from "../../testing/face-client.ts";
import { NOTICE_HEADER } from "../../engine/network-notice.ts";
import { presentNetworkPolicy, WireNetworkPolicy } from "./wire-network-policy.ts";

type Policy = Exclude<Parameters<Sandbox["updateNetworkPolicy"]>[0], string>;
type Rules = Exclude<NonNullable<Policy["allow"]>, string[]>[string];

const { fromAPINetworkPolicy, toAPINetworkPolicy } = (await vendorModule(
  "@vercel/sandbox",
  "utils/network-policy.js",
)) as {
  fromAPINetworkPolicy: (api: object) => unknown;
  toAPINetworkPolicy: (policy: unknown) => object;
};
const { NetworkPolicyResponseValidator } = (await vendorModule(
  "@vercel/sandbox",
  "api-client/validators.js",
)) as { NetworkPolicyResponseValidator: { parse: (value: unknown) => object } };

// -------------------------------------------------- any policy that the SDK lets through

const domain = fc.constantFrom(
  "*",
  "a.example",
  "*.b.example",
  "api.*.c.example",
  "xn--d.example",
  "localhost",
);
const cidr = fc.constantFrom("10.0.0.0/8", "192.168.1.1", "2001:db8::/32", "0.0.0.0/0");
const matcher = fc.oneof(
  fc.record({ exact: fc.string() }),
  fc.record({ startsWith: fc.string() }),
  fc.record({ regex: fc.constantFrom("^a", ".*") }),
);
const pair = fc.record({ key: matcher, value: matcher }, { requiredKeys: [] });
const match = fc.record(
  {
    path: matcher,
    method: fc.array(fc.constantFrom("GET", "POST")),
    queryString: fc.array(pair, { maxLength: 2 }),
    headers: fc.array(pair, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const headerName = fc.constantFrom("authorization", "X-Key", "x-other");
const headers = fc.dictionary(headerName, fc.string());
const action = fc.oneof(
  fc.record({
    transform: fc.array(fc.record({ headers }, { requiredKeys: [] }), { maxLength: 3 }),
  }),
  fc.record({ forwardURL: fc.constantFrom("https://proxy.example/in?x=1", "http://127.0.0.1:9") }),
  fc.record({ response: fc.record({ statusCode: fc.integer({ min: 200, max: 203 }) }) }),
);
const rule = fc
  .tuple(fc.option(match, { nil: undefined }), action)
  .map(([given, what]) => ({ ...(given && { match: given }), ...what }));
const policy = fc.record(
  {
    allow: fc.oneof(
      fc.uniqueArray(domain),
      fc.dictionary(domain, fc.array(rule, { maxLength: 3 }), { noNullPrototype: true }),
    ),
    subnets: fc.record({ allow: fc.array(cidr), deny: fc.array(cidr) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** What the SDK is to see of a policy that was set: secrets and order of kinds aside, the same. */
function expected({ allow, subnets }: Policy): unknown {
  const rules = allow && !Array.isArray(allow) ? Object.entries(allow) : [];
  const told = (own: Rules) => [...own.flatMap(injection), ...own.flatMap(forward)];
  const anyTold = rules.some(([, own]) => told(own).length > 0);
  const domains = allow && (Array.isArray(allow) ? allow : Object.keys(allow));
  const { allow: yes, deny: no } = subnets ?? {};
  return {
    ...(domains && {
      allow: anyTold ? Object.fromEntries(rules.map(([name, own]) => [name, told(own)])) : domains,
    }),
    ...((yes ?? no) && { subnets: { ...(yes && { allow: yes }), ...(no && { deny: no }) } }),
  };
}

function injection({ match: given, transform }: Rules[number]) {
  if (!transform) return [];
  const names = transform.flatMap(({ headers: own = {} }) => Object.keys(own));
  const redacted = Object.fromEntries(names.map((name) => [name, "<redacted>"]));
  return [{ ...(given && { match: given }), transform: [{ headers: redacted }] }];
}

function forward({ match: given, forwardURL }: Rules[number]) {
  return forwardURL === undefined ? [] : [{ ...(given && { match: given }), forwardURL }];
}

describe("a network policy", () => {
  test("of any form comes back to the SDK as it was set, without the secrets", () => {
    fc.assert(
      fc.property(policy, (given) => {
        const wanted = given as Policy;
        const ours = WireNetworkPolicy.parse(
          JSON.parse(JSON.stringify(toAPINetworkPolicy(wanted))),
        );
        // What is stored is what the engine's own words allow.
        expect(NetworkPolicy.parse(ours)).toEqual(ours);
        const answer = NetworkPolicyResponseValidator.parse(presentNetworkPolicy(ours));
        expect(fromAPINetworkPolicy(answer)).toEqual(expected(wanted));
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 500) },
    );
  });

  test("never gives back the value of a header", () => {
    fc.assert(
      fc.property(fc.uuid(), match, (secret, given) => {
        const ours = WireNetworkPolicy.parse({
          allow: {
            "a.example": [{ match: given, transform: [{ headers: { authorization: secret } }] }],
          },
        });
        expect(JSON.stringify(presentNetworkPolicy(ours))).not.toContain(secret);
      }),
    );
  });

  test("is taken in the older clients' form, too", () => {
    const ours = WireNetworkPolicy.parse({
      mode: "custom",
      allowedDomains: ["a.example"],
      injectionRules: [{ domain: "b.example", headers: { key: "secret" } }],
      forwardRules: [{ domain: "a.example", forwardURL: "https://proxy.example/" }],
      deniedCIDRs: ["10.0.0.0/8"],
    });
    expect(ours).toEqual({
      mode: "custom",
      domains: [
        { domain: "a.example", rules: [{ forwardUrl: "https://proxy.example/" }] },
        { domain: "b.example", rules: [{ transform: [{ headers: { key: "secret" } }] }] },
      ],
      deniedCidrs: ["10.0.0.0/8"],
    });
  });

  test("is set by the SDK on a running session, and read back by it", async () => {
    const { caller } = scriptedFace();
    const sandbox = await Sandbox.create({ ...caller, networkPolicy: "deny-all" });
    expect(sandbox.networkPolicy).toBe("deny-all");
    const wanted: Policy = {
      allow: { "*": [], "a.example": [{ transform: [{ headers: { key: "secret" } }] }] },
      subnets: { deny: ["10.0.0.0/8"] },
    };
    expect(await sandbox.updateNetworkPolicy(wanted)).toEqual(expected(wanted));
    await sandbox.update({ networkPolicy: { allow: ["b.example"] } });
    expect(sandbox.networkPolicy).toEqual({ allow: ["b.example"] });
    expect(sandbox.currentSession().networkPolicy).toEqual({ allow: ["b.example"] });
  });
});

describe("where a policy is not enforced", () => {
  const notice = "the network policy is recorded but not enforced: a script enforces nothing";

  test("the answer and one line in the log say so, for every call that sets one", async () => {
    const { call, lines, state } = scriptedFace({ offered: false });
    const said = async (method: string, path: string, body: object) => {
      lines.splice(0);
      const { status, headers } = await call(method, path, body);
      return { status, header: headers.get(NOTICE_HEADER), logged: lines.length };
    };
    const warned = { status: 200, header: notice, logged: 1 };
    const deny = { mode: "deny-all" };
    expect(await said("POST", "/v3/sandboxes", { name: "box", networkPolicy: deny })).toEqual(
      warned,
    );
    const session = `/v2/sandboxes/sessions/${state.sandbox("box").currentSessionId}/network-policy`;
    expect(await said("POST", session, { allow: [] })).toEqual(warned);
    expect(await said("PATCH", "/v2/sandboxes/box", { networkPolicy: deny })).toEqual(warned);
    expect(await said("POST", "/v2/sandboxes/box/fork", { name: "copy" })).toEqual(warned);
    expect(await said("POST", "/v1/sandboxes", { networkPolicy: deny })).toEqual(warned);
    expect(await said("POST", "/v1/sandboxes/box/network-policy", deny)).toEqual(warned);
  });

  test("nothing is said of a policy that allows all, nor where one is enforced", async () => {
    const open = scriptedFace({ offered: false });
    const plain = await open.call("POST", "/v3/sandboxes", {
      networkPolicy: { mode: "allow-all" },
    });
    expect([plain.headers.get(NOTICE_HEADER), open.lines]).toEqual([null, []]);
    const enforcing = scriptedFace();
    const denied = await enforcing.call("POST", "/v3/sandboxes", {
      networkPolicy: { mode: "deny-all" },
    });
    expect([denied.headers.get(NOTICE_HEADER), enforcing.lines]).toEqual([null, []]);
  });
});

test("a domain that another vendor's client only gave rules to is not told as allowed", () => {
  const policy = NetworkPolicy.parse({
    mode: "custom",
    domains: [
      { domain: "open.example" },
      { domain: "ruled.example", rules: [{ forwardUrl: "https://proxy.example" }], grants: false },
    ],
  });
  expect(presentNetworkPolicy(policy)).toMatchObject({ allowedDomains: ["open.example"] });
});
