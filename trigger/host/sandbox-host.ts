import { logger, metadata, queue, task } from "@trigger.dev/sdk";
import { HostPayload, LIMITS, SANDBOX_HOST } from "sandlot/contract";
import { type HostEnd, readSettings, runSandboxHost } from "sandlot/host";
import { sessionLink } from "./session-link.ts";

/**
 * One slot for each sandbox that runs. A queue of its own: operations that wait for a host must not take
 * the place that it needs to begin.
 */
export const sandboxHostQueue = queue({ name: SANDBOX_HOST.queue, concurrencyLimit: 10 });

/** Longer than any sandbox may live, so that it is the sandbox's own deadline that ends it. */
const LONGEST_SECONDS = LIMITS.sessionTimeoutMs / 1_000 + 3_600;

/**
 * Holds one sandbox: an engine of its own, asked through the Session that stands for the sandbox. It ends
 * when the sandbox was deleted or nothing runs in it any more, and stops it when it is cancelled.
 */
export const sandboxHost = task({
  id: SANDBOX_HOST.taskId,
  description: "Holds a sandbox for as long as it lives; started by SANDLOT_ENGINE=trigger",
  queue: sandboxHostQueue,
  // What a host did before it died must not be done again by itself.
  retry: { maxAttempts: 1 },
  maxDuration: LONGEST_SECONDS,
  // The platform lets a worker go on for a while after this hook, and no longer.
  onCancel: async ({ runPromise }: { runPromise: Promise<unknown> }) => {
    await Promise.allSettled([runPromise]);
  },
  async run(payload: HostPayload, { ctx, signal }): Promise<{ end: HostEnd }> {
    const { sandboxName, sessionId } = HostPayload.parse(payload);
    const closing = new AbortController();
    const link = await sessionLink({
      runId: ctx.run.id,
      sessionId,
      closed: () => closing.abort(new Error("The Session was closed.")),
    });
    metadata.set("sandbox", sandboxName).set("phase", "starting");
    const end = await runSandboxHost(link, {
      name: sandboxName,
      settings: readSettings(),
      signal: AbortSignal.any([signal, closing.signal]),
      ready: async () => void metadata.set("phase", "ready"),
    });
    metadata.set("phase", "ended");
    logger.info(`The sandbox ${sandboxName} has no host any more`, { end });
    return { end };
  },
});
