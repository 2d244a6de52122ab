import { parseNaturalLanguageDurationInMs } from "@trigger.dev/core/v3/isomorphic";
import { RequestError } from "./request-error.ts";

/** When a duration such as "1h30m", or a date, is over. Throws a 400 for what is neither. */
export function timeOf(value: string | Date, name: string, from = Date.now()): number {
  if (value instanceof Date) return value.getTime();
  const duration = parseNaturalLanguageDurationInMs(value);
  if (duration !== undefined) return from + duration;
  const date = Date.parse(value);
  if (!Number.isNaN(date)) return date;
  throw new RequestError(
    400,
    `${name} is ${JSON.stringify(value)}, which is neither a duration such as "10m" nor a date.`,
  );
}

/** For how long an idempotency key stands, unless it says so itself. */
const DEFAULT_KEY_TTL = "30d";

/** Until when an idempotency key stands for what it was first given to. */
export function keyExpiry(ttl: string | undefined): number {
  return timeOf(ttl ?? DEFAULT_KEY_TTL, "idempotencyKeyTTL");
}
