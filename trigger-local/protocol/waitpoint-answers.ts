import { isWaitpointOutputTimeout } from "@trigger.dev/core/v3";
import type { Waitpoint } from "../store/waitpoint-store.ts";
import { withoutUndefined } from "../../lib/std/without-undefined.ts";

/** A token as the API shows it. */
export function waitpointToken(waitpoint: Waitpoint, url: string) {
  const { output, outputIsError, dueAt, idempotencyKeyExpiresAt, completedAt } = waitpoint;
  const timedOut = outputIsError && output !== undefined && isWaitpointOutputTimeout(output);
  const date = (time: number | undefined) => (time === undefined ? undefined : new Date(time));
  return {
    id: waitpoint.id,
    url,
    status: waitpoint.pending ? "WAITING" : timedOut ? "TIMED_OUT" : "COMPLETED",
    tags: waitpoint.tags,
    createdAt: new Date(waitpoint.createdAt),
    outputIsError,
    ...withoutUndefined({
      completedAt: date(completedAt),
      timeoutAt: date(dueAt),
      idempotencyKey: waitpoint.idempotencyKey,
      idempotencyKeyExpiresAt: date(idempotencyKeyExpiresAt),
      output,
      outputType: waitpoint.outputType,
    }),
  };
}
