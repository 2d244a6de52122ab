import { Usage } from "../contract/usage.ts";
import { askEngine } from "./engine-call.ts";

export interface UsageOptions {
  /** Also what the files take: every file of a session that runs is looked at. */
  disk?: boolean;
  signal?: AbortSignal;
}

/** Asks the engine, which counts more than the vendor tells. Throws `unsupported` in the vendor's cloud, `APIError`. */
export async function sessionUsage(
  sessionId: string,
  { disk = false, signal }: UsageOptions,
): Promise<Usage> {
  const response = await askEngine({
    path: `usage?disk=${disk}`,
    sessionId,
    notInCloud: `What session ${sessionId} uses was asked for, but the vendor's cloud tells only what a stopped session has used: read activeCpuUsageMs and networkTransfer then.`,
    signal,
  });
  const { usage } = (await response.json()) as { usage: unknown };
  return Usage.parse(usage);
}
