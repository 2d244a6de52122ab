import { APIError } from "sandlot";
import * as z from "zod";
import { StudioError, type StudioFaultCode } from "../../studio/contract/errors.ts";

/** The engine's own words about what it refused. */
const EngineAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The engine's own sentence, if it gave one. */
export function engineSentence(error: APIError<unknown>): string | undefined {
  return EngineAnswer.safeParse(error.json).data?.error.message;
}

/** The HTTP status with which the engine refused; undefined for other failures. */
export function engineStatus(error: unknown): number | undefined {
  return error instanceof APIError ? error.response.status : undefined;
}

/**
 * A failure as the model and the user read it: what was asked, what stood in the way and, where the engine's
 * own sentence does not say it, what to do.
 */
function toolError(asked: string, error: unknown, signal?: AbortSignal): Error {
  if (signal?.aborted) return new Error("The user stopped it.", { cause: signal.reason });
  if (error instanceof StudioError) return error;
  const known = BY_STATUS[engineStatus(error) ?? 0];
  const message = [`Could not ${asked}: ${reasonOf(error)}`, known?.advice]
    .filter(Boolean)
    .join(" ");
  return new StudioError(known?.code ?? "upstream", message, { cause: error });
}

/** What the work gives; its failures become `toolError`s. */
export async function attempt<Result>(
  asked: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (error) {
    throw toolError(asked, error, signal);
  }
}

function reasonOf(error: unknown): string {
  const answer = error instanceof APIError ? engineSentence(error) : undefined;
  const reason = answer ?? (error instanceof Error ? error.message : String(error));
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** The engine's statuses that mean the same for every tool. */
const BY_STATUS: Readonly<Record<number, { code: StudioFaultCode; advice?: string }>> = {
  400: { code: "bad_request" },
  410: {
    code: "sandbox_stopped",
    advice: "Call createSandbox to start it again; its files are still there.",
  },
  413: { code: "too_large", advice: "Make it in smaller parts." },
  429: { code: "too_many", advice: "Stop or delete sandboxes that nobody needs, then try again." },
  503: { code: "upstream", advice: "Try once more." },
};
