/** What only some ways of isolating sandboxes can give. */
type Need =
  /** Users of the sandbox's own, and `sudo`. */
  | "users"
  /** Two sandboxes may listen on the same port. */
  | "private-ports"
  /** A network policy that is enforced, not just recorded. */
  | "network-policy"
  /** Commands see the sandbox's files as `/`. */
  | "private-files";

/** What does not hold somewhere, and how that shows: the tests must fail, and in just this way. */
export interface KnownFailure {
  reason: string;
  /** The API error's code; absent (and `says`, too) where an assertion fails. */
  code?: string;
  /** A part of what the error says, where it is neither an answer nor an assertion. */
  says?: string;
}

/** Of one way to an engine. */
export interface Exception extends KnownFailure {
  /** Its tests are not run: they hold at times, by chance, or fail each in a way of its own. */
  leftOut?: true;
  /** Titles of its tests that hold all the same. */
  holds?: readonly string[];
}

/** One behaviour of the contract. Ids are cited by tests: never reuse one. */
export interface Requirement {
  id: string;
  /** Where it is written, or which of the vendor's live suites demands it. */
  source: string;
  behaviour: string;
  needs?: Need;
  /** Where it does not hold yet, and why. The run fails as soon as it does hold there. */
  expectedToFail?: KnownFailure & { isolation: "process" };
}

/** Real users: `process` runs everything as the caller, and says so in the refusal. */
export const needsUsers = {
  needs: "users",
  expectedToFail: {
    isolation: "process",
    reason: "without namespaces there is one user, the caller; sudo is refused",
    code: "unsupported",
  },
} as const satisfies Partial<Requirement>;

/** A root directory of the sandbox's own: `process` maps paths at the API and shows commands the host's. */
export const needsPrivateFiles = {
  needs: "private-files",
  expectedToFail: {
    isolation: "process",
    reason: "without namespaces commands see the host's file tree, not the sandbox's as /",
  },
} as const satisfies Partial<Requirement>;

/** A network of the sandbox's own: with `process` all sandboxes share the host's ports. */
export const needsPrivatePorts = {
  needs: "private-ports",
  expectedToFail: {
    isolation: "process",
    reason: "without namespaces all sandboxes listen on the host's own network; PORT tells where",
  },
} as const satisfies Partial<Requirement>;

/** A network that can be closed: `process` records a policy and enforces nothing. */
export const needsNetworkPolicy = {
  needs: "network-policy",
  expectedToFail: {
    isolation: "process",
    reason: "without namespaces a network policy is recorded, not enforced",
  },
} as const satisfies Partial<Requirement>;
