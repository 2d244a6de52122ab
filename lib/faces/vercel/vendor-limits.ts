import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Session } from "../../contract/sandbox.ts";
import type { Engine } from "../../engine/engine.ts";

// What this vendor allows less of than the engine does.

const MOST_TAGS = 5;
const TAG_KEY_LENGTH = 128;
const TAG_VALUE_LENGTH = 256;

export const WireTags = z
  .record(z.string().min(1).max(TAG_KEY_LENGTH), z.string().max(TAG_VALUE_LENGTH))
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, {
    message: `a sandbox has at most ${MOST_TAGS} tags`,
  });

/** Throws `sandbox_timeout_invalid` for a life beyond the vendor's largest plan. */
export function requireVendorTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || timeoutMs <= LIMITS.sessionTimeoutMs) return;
  throw new SandboxError(
    "sandbox_timeout_invalid",
    `A session may live ${LIMITS.sessionTimeoutMs} ms in all (24 hours); asked for were ${timeoutMs} ms.`,
  );
}

/** Adds to a session's life within the vendor's limit. */
export async function extendTimeout(
  { sessions }: Pick<Engine, "sessions">,
  { id, durationMs }: { id: string; durationMs: number },
): Promise<Session> {
  const { session } = await sessions.get(id);
  if (session.status === "running") requireVendorTimeout(session.timeoutMs + durationMs);
  return sessions.extendTimeout(id, durationMs);
}
