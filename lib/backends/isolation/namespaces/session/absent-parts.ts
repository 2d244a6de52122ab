import type { SessionLimits } from "../limits/limiter.ts";
import type { SessionNetwork } from "../network/session-network.ts";

/** Of a session in which no command was run, or whose commands nobody here started. */
export const NO_RECORDERS = {
  pids: new Set<number>(),
  allEnded: async () => undefined,
  close: () => undefined,
};

/** Of a session whose groups are gone, or that is only to be ended. */
export const NO_LIMITS: SessionLimits = {
  joinFiles: [],
  shellLimits: "",
  usage: async () => ({}),
  oomKills: async () => 0,
  remove: async () => undefined,
};

/** Of a session that has ended. */
export const NO_NETWORK: SessionNetwork = {
  apply: async () => undefined,
  traffic: async () => ({ ingressBytes: 0, egressBytes: 0 }),
  forward: () => ({ [Symbol.asyncDispose]: async () => undefined }),
  [Symbol.asyncDispose]: async () => undefined,
};
