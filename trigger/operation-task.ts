import { logger, type Queue, schemaTask, tags, type TaskRunContext } from "@trigger.dev/sdk";
import {
  type FaultCode,
  OPERATION_LIMITS,
  type OperationError,
  type OperationName,
  type OperationPayload,
  type OperationPayloadInput,
  OPERATIONS,
  type OperationResult,
  type OperationSuccess,
  sandboxTag,
} from "sandlot/contract";
import * as z from "zod";
import { faultOf, operationError, payloadError } from "./operation-fault.ts";
import { sandboxOperations } from "./queues.ts";

/** What an operation's work is given besides its payload. */
interface OperationContext {
  ctx: TaskRunContext;
  /** Aborted when the run is cancelled, when it took too long, and when its time to answer is over. */
  signal: AbortSignal;
  /** Aborted when the run is cancelled or took too long. */
  cancelled: AbortSignal;
}

interface OperationTask<Name extends OperationName> {
  description: string;
  queue?: Queue;
  /** How long the work may wait for the engine. Absent: as long as the run may take. */
  answerMs?: number | undefined;
  /** What was asked, as a sentence of an error goes on after "Could not". */
  asked: (payload: OperationPayload<Name>) => string;
  /** What it is that the API does not find when it answers that something is not there. */
  notFound: FaultCode;
  run: (
    payload: OperationPayload<Name>,
    context: OperationContext,
  ) => Promise<Omit<OperationSuccess<Name>, "ok">>;
  /** Told of each failure that becomes a result, before it does. */
  failed?: (error: OperationError) => Promise<void>;
}

/** Beyond any wait of the operations' own, so that they can say what kept them. In seconds, as the platform counts. */
const SPARE_SECONDS = 60;

/**
 * A task for one operation: parse, call, return. Whatever can be foreseen is returned as `{ ok: false, error }`; only
 * what nobody foresaw is thrown, and then the platform tries again.
 */
export function operationTask<Name extends OperationName>(
  name: Name,
  { description, queue = sandboxOperations, answerMs, failed, ...work }: OperationTask<Name>,
) {
  const asPayload: z.ZodType = OPERATIONS[name].payload;
  const longestMs = answerMs ?? OPERATION_LIMITS.commandMs;
  return schemaTask<Name, TaskPayload<Name>, OperationResult<Name>>({
    id: name,
    description,
    queue,
    schema: taskPayload(name),
    // Thrown is what nobody foresaw, and a worker that died: both may be different the next time.
    retry: { maxAttempts: 3, minTimeoutInMs: 500, maxTimeoutInMs: 5_000, factor: 2 },
    maxDuration: Math.ceil(longestMs / 1_000) + SPARE_SECONDS,
    // Nobody waits longer for an operation to begin.
    ttl: "10m",
    // The platform lets a worker go on for a while after this hook, and no longer.
    onCancel: async ({ runPromise }: { runPromise: Promise<unknown> }) => {
      await Promise.allSettled([runPromise]);
    },
    async run(given, { ctx, signal: cancelled }) {
      const payload = asPayload.safeParse(given);
      const result = payload.success
        ? await perform(payload.data as OperationPayload<Name>, { ctx, cancelled, answerMs, work })
        : { ok: false as const, error: payloadError(name, payload.error, given) };
      if (!result.ok) await failed?.(result.error);
      return result as OperationResult<Name>;
    },
  });
}

/** What the platform takes for the payload, and gives to `run`: it may be none of the operation's. */
type TaskPayload<Name extends OperationName> = z.ZodType<
  OperationPayload<Name>,
  OperationPayloadInput<Name>
>;

/**
 * Shown as the operation's schema, and refusing nothing: the platform answers a payload that fails with a code, and keeps
 * the reason for itself. What does not fit comes through as it is, for the task to say what is wrong with it.
 */
function taskPayload<Name extends OperationName>(name: Name): TaskPayload<Name> {
  const schema: z.ZodType = OPERATIONS[name].payload;
  const shown = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  return z.unknown().meta(shown) as unknown as TaskPayload<Name>;
}

type Work<Name extends OperationName> = Pick<OperationTask<Name>, "asked" | "notFound" | "run">;

async function perform<Name extends OperationName>(
  payload: OperationPayload<Name>,
  {
    ctx,
    cancelled,
    answerMs,
    work,
  }: {
    ctx: TaskRunContext;
    cancelled: AbortSignal;
    answerMs: number | undefined;
    work: Work<Name>;
  },
) {
  const asked = work.asked(payload);
  const patience = answerMs === undefined ? undefined : AbortSignal.timeout(answerMs);
  const signal = patience ? AbortSignal.any([cancelled, patience]) : cancelled;
  try {
    await refuseLostSandboxes(ctx, asked);
    const [success] = await Promise.all([
      work.run(payload, { ctx, signal, cancelled }),
      tagRun(ctx, payload.sandboxId),
    ]);
    return { ok: true as const, ...success };
  } catch (error) {
    cancelled.throwIfAborted();
    const foreseen = patience?.aborted
      ? faultOf("engine_unavailable", asked, tooLate(answerMs ?? 0)).error
      : operationError(error, { asked, notFound: work.notFound });
    if (!foreseen) throw error;
    return { ok: false as const, error: foreseen };
  }
}

/** Makes the run findable by its sandbox. A run that was triggered with the tag needs no call. */
async function tagRun(ctx: TaskRunContext, sandboxId: string | undefined): Promise<void> {
  if (sandboxId === undefined || ctx.run.tags.includes(sandboxTag(sandboxId))) return;
  try {
    await tags.add(sandboxTag(sandboxId));
  } catch (error) {
    // The work is what was asked for; a run may have no room for one more tag.
    logger.warn("The run could not be tagged with its sandbox", {
      sandboxId,
      reason: String(error),
    });
  }
}

/**
 * A deployed run has a container of its own, and a sandbox in it would be gone with the run: the next operation would
 * not find it. Better said at once than found out later.
 */
async function refuseLostSandboxes(ctx: TaskRunContext, asked: string): Promise<void> {
  if (ctx.environment.type === "DEVELOPMENT") return;
  // It brings the engine along, which a task needs nothing else of: a quarter of a second at a worker's start.
  const { readSettings } = await import("sandlot/host");
  const { kind } = readSettings().engine;
  if (kind !== "daemon" && kind !== "embedded") return;
  throw faultOf(
    "unsupported",
    asked,
    `this run is in a container of its own (environment ${ctx.environment.slug}), and a sandbox in it would end with the run. Set SANDLOT_ENGINE there to the address of an engine that the container reaches (with SANDLOT_TOKEN), to \`trigger\` for sandboxes that are runs themselves, or to \`vercel\``,
  );
}

function tooLate(answerMs: number): string {
  return `the engine did not answer within ${Math.round(answerMs / 1_000)} seconds. With SANDLOT_ENGINE=trigger the run that holds the sandbox may be waiting for a free slot: look at the queue of sandbox-host`;
}
