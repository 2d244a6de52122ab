import * as z from "zod";

/** One text to compare with: exactly one of the three is given. */
export const TextMatcher = z
  .strictObject({
    exact: z.string().optional(),
    startsWith: z.string().optional(),
    /** RE2 syntax. */
    regex: z.string().optional(),
  })
  .refine((matcher) => Object.values(matcher).filter((value) => value !== undefined).length === 1, {
    message: "give exactly one of exact, startsWith or regex",
  });
export type TextMatcher = z.output<typeof TextMatcher>;

export const KeyValueMatcher = z.strictObject({
  key: TextMatcher.optional(),
  value: TextMatcher.optional(),
});

/** Which requests a rule speaks of: every given part must match. */
export const RuleMatch = z.strictObject({
  path: TextMatcher.optional(),
  method: z.array(z.string()).optional(),
  queryString: z.array(KeyValueMatcher).optional(),
  headers: z.array(KeyValueMatcher).optional(),
});
export type RuleMatch = z.output<typeof RuleMatch>;

const MANAGED_HEADERS = new Set(["connection", "content-length", "transfer-encoding"]);
const BODYLESS_STATUS = new Set([204, 205, 304]);

/** An answer given in the destination's stead. */
export const DirectResponse = z
  .strictObject({
    statusCode: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.string().optional(),
    contentType: z.string().optional(),
  })
  .refine(({ body, contentType }) => body === undefined || contentType !== undefined, {
    message: "contentType must be provided when body is set",
  })
  .refine(({ statusCode, body }) => body === undefined || !BODYLESS_STATUS.has(statusCode), {
    message: "body is not allowed on status codes 204, 205, and 304",
  })
  .refine(
    ({ headers }) =>
      Object.keys(headers ?? {}).every((name) => !MANAGED_HEADERS.has(name.toLowerCase())),
    { message: "headers cannot set proxy-managed headers" },
  )
  .refine(
    ({ headers }) => {
      const names = Object.keys(headers ?? {}).map((name) => name.toLowerCase());
      return new Set(names).size === names.length;
    },
    { message: "headers cannot contain duplicate names" },
  );
export type DirectResponse = z.output<typeof DirectResponse>;

/** What happens to a request to one domain; the first rule that matches decides. */
export const NetworkRule = z
  .strictObject({
    match: RuleMatch.optional(),
    /** A header's value may hold `${secret:NAME}`, in whose place the secret's value leaves the sandbox. */
    transform: z
      .array(z.strictObject({ headers: z.record(z.string(), z.string()).optional() }))
      .optional(),
    forwardUrl: z.url().optional(),
    response: DirectResponse.optional(),
  })
  .refine(
    ({ transform, forwardUrl, response }) =>
      [transform, forwardUrl, response].filter((action) => action !== undefined).length === 1,
    { message: "exactly one of transform, forwardURL, or response must be provided" },
  );
export type NetworkRule = z.output<typeof NetworkRule>;

/**
 * A domain of a list: a name, or one with `*` for labels. `"*"` alone stands for any domain. With rules, each
 * request to it is looked into.
 */
const RuledDomain = z.strictObject({
  domain: z.string().min(1),
  rules: z.array(NetworkRule).default([]),
  /** `false`: the rules hold where the domain is allowed otherwise; being listed allows nothing. */
  grants: z.boolean().optional(),
});

/**
 * Where a sandbox may connect to. In `custom`, what no list speaks of is denied unless `otherwise` says
 * `allow`, and of an allowing and a denying list the denying one holds unless `precedence` says `allowed`.
 */
export const NetworkPolicy = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("allow-all") }),
  z.strictObject({ mode: z.literal("deny-all") }),
  z.strictObject({
    mode: z.literal("custom"),
    /** Absent: no domain list was given at all. `"*"` stands for any domain. */
    domains: z.array(RuledDomain).optional(),
    allowedCidrs: z.array(z.string()).optional(),
    deniedCidrs: z.array(z.string()).optional(),
    /** Names that are not looked up and not connected to. An address of theirs is not denied by it. */
    deniedDomains: z.array(z.string().min(1)).optional(),
    /** Absent: `deny`. */
    otherwise: z.enum(["allow", "deny"]).optional(),
    /**
     * Absent: `denied`. With `allowed`, an allowed domain may also lead to an address in a denied subnet, and an
     * allowed subnet may lie within a denied one.
     */
    precedence: z.enum(["allowed", "denied"]).optional(),
  }),
]);
export type NetworkPolicy = z.output<typeof NetworkPolicy>;
