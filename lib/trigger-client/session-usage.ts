import { APIError } from "@vercel/sandbox";
import { SandboxError } from "../contract/errors.ts";
import { Usage } from "../contract/usage.ts";
import { usesCloud } from "./engine-binding.ts";
import { engineFetch } from "./engine-fetch.ts";

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
  if (usesCloud()) {
    throw new SandboxError(
      "unsupported",
      `What session ${sessionId} uses was asked for, but the vendor's cloud tells only what a stopped session has used: read activeCpuUsageMs and networkTransfer then.`,
    );
  }
  const path = `/v2/sandboxes/sessions/${encodeURIComponent(sessionId)}/usage?disk=${disk}`;
  const response = await engineFetch(
    `https://api.vercel.com${path}`,
    signal ? { signal } : undefined,
  );
  if (response.ok) {
    const { usage } = (await response.json()) as { usage: unknown };
    return Usage.parse(usage);
  }
  const text = await response.text();
  throw new APIError(response, {
    message: `Status code ${response.status} is not ok`,
    text,
    json: JSON.parse(text) as unknown,
    sessionId,
  });
}
