import * as z from "zod";
import { DirectResponse, type NetworkPolicy, RuleMatch } from "../../contract/network-policy.ts";
import { isCidr } from "../../std/is-cidr.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { chooseSchema } from "./choose-schema.ts";

// Wildcards may stand in any label; `*` alone is every domain.
const LABEL = /^(?:\*|[\p{L}\p{N}_*](?:[\p{L}\p{N}_*-]*[\p{L}\p{N}_*])?)$/u;

const Domain = z
  .string()
  .refine((text) => text.length <= 253 && text.split(".").every((label) => LABEL.test(label)), {
    message: "expected a domain such as example.com, *.example.com or *",
  });

const Cidr = z.string().refine(isCidr, {
  message: "expected a range of addresses such as 10.0.0.0/8 or 2001:db8::/32",
});

const ForwardUrl = z.url({ protocol: /^https?$/ });

/** What a rule asks for, in the vendor's words. */
const Rule = z
  .strictObject({
    match: RuleMatch.optional(),
    transform: z
      .array(z.strictObject({ headers: z.record(z.string(), z.string()).optional() }))
      .optional(),
    forwardURL: ForwardUrl.optional(),
    response: DirectResponse.optional(),
  })
  .refine(
    ({ transform, forwardURL, response }) =>
      [transform, forwardURL, response].filter((action) => action !== undefined).length === 1,
    { message: "exactly one of transform, forwardURL, or response must be provided" },
  );

const Allow = chooseSchema<string[] | Record<string, z.output<typeof Rule>[]>>((value) =>
  Array.isArray(value) ? z.array(Domain) : z.record(Domain, z.array(Rule)),
);

/** The form that SDKs since 2.x send. */
const ObjectForm = z.strictObject({
  allow: Allow.optional(),
  subnets: z
    .strictObject({ allow: z.array(Cidr).optional(), deny: z.array(Cidr).optional() })
    .optional(),
});

/** The form that 1.x sends, and that answers are in. */
const LegacyForm = z.strictObject({
  mode: z.literal("custom"),
  allowedDomains: z.array(Domain).optional(),
  allowedCIDRs: z.array(Cidr).optional(),
  deniedCIDRs: z.array(Cidr).optional(),
  injectionRules: z
    .array(
      z.strictObject({
        domain: Domain,
        headers: z.record(z.string(), z.string()),
        match: RuleMatch.optional(),
      }),
    )
    .optional(),
  forwardRules: z
    .array(z.strictObject({ domain: Domain, forwardURL: ForwardUrl, match: RuleMatch.optional() }))
    .optional(),
});

const PlainMode = z.strictObject({
  mode: z.enum(["allow-all", "deny-all"], {
    message: "expected allow-all, deny-all or custom",
  }),
});

type Custom = Extract<NetworkPolicy, { mode: "custom" }>;
type Domains = NonNullable<Custom["domains"]>;
type NetworkRule = Domains[number]["rules"][number];

/** A network policy as clients send it, in any of the vendor's request forms; the output is ours. */
export const WireNetworkPolicy = chooseSchema<NetworkPolicy>((value) => {
  if (typeof value !== "object" || value === null || !("mode" in value)) {
    return ObjectForm.transform(fromObjectForm);
  }
  return value.mode === "custom" ? LegacyForm.transform(fromLegacyForm) : PlainMode;
});

function fromObjectForm({ allow, subnets }: z.output<typeof ObjectForm>): NetworkPolicy {
  return custom({
    domains: Array.isArray(allow)
      ? allow.map((domain) => ({ domain, rules: [] }))
      : allow &&
        Object.entries(allow).map(([domain, rules]) => ({ domain, rules: rules.map(toRule) })),
    allowedCidrs: subnets?.allow,
    deniedCidrs: subnets?.deny,
  });
}

function fromLegacyForm(form: z.output<typeof LegacyForm>): NetworkPolicy {
  const domains = new Map<string, NetworkRule[]>();
  const rulesOf = (domain: string): NetworkRule[] => {
    const rules = domains.get(domain) ?? [];
    domains.set(domain, rules);
    return rules;
  };
  for (const domain of form.allowedDomains ?? []) rulesOf(domain);
  for (const { domain, headers, match } of form.injectionRules ?? []) {
    rulesOf(domain).push({ ...(match && { match }), transform: [{ headers }] });
  }
  for (const { domain, forwardURL, match } of form.forwardRules ?? []) {
    rulesOf(domain).push({ ...(match && { match }), forwardUrl: forwardURL });
  }
  const listed = form.allowedDomains !== undefined || domains.size > 0;
  return custom({
    domains: listed ? [...domains].map(([domain, rules]) => ({ domain, rules })) : undefined,
    allowedCidrs: form.allowedCIDRs,
    deniedCidrs: form.deniedCIDRs,
  });
}

function custom(parts: {
  domains: Domains | undefined;
  allowedCidrs: string[] | undefined;
  deniedCidrs: string[] | undefined;
}): NetworkPolicy {
  return { mode: "custom", ...withoutUndefined(parts) };
}

function toRule({ forwardURL, ...rest }: z.output<typeof Rule>): NetworkRule {
  return { ...rest, ...(forwardURL !== undefined && { forwardUrl: forwardURL }) };
}

/**
 * A policy as answers carry it: a form of its own, in which the values of injected headers never come
 * back. The vendor has no such form for rules that answer directly: of these only the domain is told.
 */
export function presentNetworkPolicy(policy: NetworkPolicy) {
  if (policy.mode !== "custom") return { mode: policy.mode };
  const rules = (policy.domains ?? []).flatMap(({ domain, rules: own }) =>
    own.map((rule) => ({ domain, rule })),
  );
  const injectionRules = rules.flatMap(({ domain, rule }) =>
    rule.transform
      ? [{ domain, headerNames: headerNames(rule), ...(rule.match && { match: rule.match }) }]
      : [],
  );
  const forwardRules = rules.flatMap(({ domain, rule }) =>
    rule.forwardUrl !== undefined
      ? [{ domain, forwardURL: rule.forwardUrl, ...(rule.match && { match: rule.match }) }]
      : [],
  );
  return {
    mode: "custom" as const,
    ...withoutUndefined({
      // Rules that another vendor's client made may be for domains that nothing allows.
      allowedDomains: policy.domains
        ?.filter(({ grants = true }) => grants)
        .map(({ domain }) => domain),
      allowedCIDRs: policy.allowedCidrs,
      deniedCIDRs: policy.deniedCidrs,
    }),
    ...(injectionRules.length > 0 && { injectionRules }),
    ...(forwardRules.length > 0 && { forwardRules }),
  };
}

function headerNames({ transform = [] }: NetworkRule): string[] {
  return [...new Set(transform.flatMap(({ headers = {} }) => Object.keys(headers)))];
}
