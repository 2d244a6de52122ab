import { HostedSandbox, SANDBOX_HOST } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import { sandboxTag } from "../../contract/operations/operations.ts";
import { messageOf } from "../../std/message-of.ts";
import type { HostSession, RunState, TriggerPlatform } from "./platform.ts";

type Trigger = Awaited<ReturnType<typeof load>>;

/** What is read of a Session: its answers differ by call. */
interface SessionRow {
  id: string;
  metadata: Record<string, unknown> | null;
  currentRunId?: string | null | undefined;
  closedAt: Date | null;
}

/** How long one read of answers stays open when nothing comes; another follows it. */
const READ_SECONDS = 60;
const NOT_FOUND = 404;
const ENDED = new Set([
  "COMPLETED",
  "CANCELED",
  "FAILED",
  "CRASHED",
  "SYSTEM_FAILURE",
  "EXPIRED",
  "TIMED_OUT",
]);
const STARTED = new Set(["EXECUTING", "WAITING"]);
/** What an append to a closed session is answered with, by servers of one age and another. */
const CLOSED = new Set([400, 404, 409]);

/**
 * The Trigger.dev project that the environment names (TRIGGER_SECRET_KEY, TRIGGER_API_URL), by its own SDK.
 * The SDK is an optional peer: throws `engine_unavailable` when it is not installed, or has no key.
 */
export async function openTrigger(): Promise<TriggerPlatform> {
  const trigger = await load();
  return {
    async start(name) {
      const started = await asked(trigger, () =>
        trigger.sessions.start({
          type: SANDBOX_HOST.sessionType,
          externalId: SANDBOX_HOST.sessionName(name),
          taskIdentifier: SANDBOX_HOST.taskId,
          tags: [sandboxTag(name)],
          triggerConfig: {
            basePayload: { sandboxName: name },
            tags: [sandboxTag(name)],
            queue: SANDBOX_HOST.queue,
            // What a host did before it died must not be done again by itself.
            maxAttempts: 1,
          },
        }),
      );
      return { ...toSession(started), runId: started.runId };
    },
    async find(name) {
      try {
        const row = await trigger.sessions.retrieve(SANDBOX_HOST.sessionName(name));
        return row.closedAt ? undefined : toSession(row);
      } catch (error) {
        if (statusOf(trigger, error) === NOT_FOUND) return undefined;
        throw explain(trigger, error);
      }
    },
    async *list() {
      try {
        const options = { type: SANDBOX_HOST.sessionType, status: "ACTIVE", limit: 100 } as const;
        for await (const row of trigger.sessions.list(options)) {
          if (!row.closedAt) yield toSession(row);
        }
      } catch (error) {
        throw explain(trigger, error);
      }
    },
    async forget({ id }) {
      // A closed session keeps its name, and the next sandbox may have the same one.
      await asked(trigger, () => trigger.sessions.update(id, { externalId: `sandlot-gone-${id}` }));
      await asked(trigger, () =>
        trigger.sessions.close(id, { reason: "The sandbox was deleted." }),
      );
    },
    async send({ id }, record) {
      try {
        await trigger.sessions.open(id).in.send(record);
      } catch (error) {
        if (!CLOSED.has(statusOf(trigger, error) ?? 0)) throw explain(trigger, error);
        throw new SandboxError("sandbox_not_found", "The sandbox was deleted meanwhile.", {
          cause: error,
        });
      }
    },
    async *answers(runId, { caller, from, signal }) {
      try {
        yield* await trigger.streams.read(runId, SANDBOX_HOST.answers(caller), {
          startIndex: from,
          timeoutInSeconds: READ_SECONDS,
          signal,
        });
      } catch (error) {
        if (!signal.aborted) throw explain(trigger, error);
      }
    },
    async state(runId) {
      return phaseOf(await asked(trigger, () => trigger.runs.retrieve(runId)));
    },
  };
}

async function load() {
  try {
    return await import("@trigger.dev/sdk");
  } catch (error) {
    throw new SandboxError(
      "engine_unavailable",
      "SANDLOT_ENGINE=trigger needs the package @trigger.dev/sdk, which could not be loaded. Install it beside sandlot (4.8 or later).",
      { cause: error },
    );
  }
}

// Without a key the SDK throws at once instead of rejecting.
async function asked<T>(trigger: Trigger, ask: () => PromiseLike<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw explain(trigger, error);
  }
}

function statusOf({ ApiError }: Trigger, error: unknown): number | undefined {
  return error instanceof ApiError ? error.status : undefined;
}

function explain(trigger: Trigger, error: unknown): SandboxError {
  if (SandboxError.is(error)) return error;
  const status = statusOf(trigger, error);
  const reason = messageOf(error);
  const advice =
    status === undefined
      ? "Set TRIGGER_SECRET_KEY to the key of the project's environment, and TRIGGER_API_URL if it is not Trigger.dev's cloud."
      : status === 401 || status === 403
        ? "TRIGGER_SECRET_KEY is not a key that it takes."
        : "TRIGGER_API_URL names the server, and TRIGGER_SECRET_KEY the project.";
  return new SandboxError(
    "engine_unavailable",
    `Trigger.dev, which SANDLOT_ENGINE=trigger names, could not be asked: ${reason}. ${advice}`,
    { cause: error },
  );
}

function toSession({ id, metadata, currentRunId }: SessionRow): HostSession {
  const hosted = HostedSandbox.safeParse(metadata);
  return { id, runId: currentRunId ?? undefined, hosted: hosted.success ? hosted.data : undefined };
}

function phaseOf({ status }: { status: string }): RunState {
  if (ENDED.has(status)) return { phase: "ended", status };
  return { phase: STARTED.has(status) ? "live" : "waiting", status };
}
