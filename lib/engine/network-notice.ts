import type { NetworkPolicy } from "../contract/network-policy.ts";
import type { Engine } from "./engine.ts";
import type { Log } from "./ports.ts";

/** The header that tells a caller what was accepted but does not hold here. */
export const NOTICE_HEADER = "x-sandlot-notice";

/**
 * For an answer that sets a policy: says, to the caller and once in the log, that a restriction is
 * recorded but not enforced, where the isolation cannot enforce it. Nothing otherwise.
 */
export function networkNotice(
  { engine, log }: { engine: Engine; log: Log },
  { policy, sandboxName }: { policy: NetworkPolicy; sandboxName: string },
): Record<string, string> {
  const feature = engine.isolation.features.networkPolicy;
  if (policy.mode === "allow-all" || feature.offered) return {};
  log.warn("a network policy is recorded but not enforced", {
    sandbox: sandboxName,
    mode: policy.mode,
    isolation: engine.isolation.name,
    reason: feature.reason,
  });
  // A header carries no other characters.
  const reason = feature.reason.replaceAll(/[^\x20-\x7e]/g, "?");
  return { [NOTICE_HEADER]: `the network policy is recorded but not enforced: ${reason}` };
}
