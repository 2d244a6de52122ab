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

/** Where a sandbox may connect to. In `custom`, what is not listed is denied. */
export const NetworkPolicy = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("allow-all") }),
  z.strictObject({ mode: z.literal("deny-all") }),
  z.strictObject({
    mode: z.literal("custom"),
    /** Absent: no domain list was given at all. `"*"` stands for any domain. */
    domains: z
      .array(z.strictObject({ domain: z.string().min(1), rules: z.array(NetworkRule).default([]) }))
      .optional(),
    allowedCidrs: z.array(z.string()).optional(),
    deniedCidrs: z.array(z.string()).optional(),
  }),
]);
export type NetworkPolicy = z.output<typeof NetworkPolicy>;
