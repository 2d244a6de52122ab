import type { ListSessionsQueryParams } from "@trigger.dev/core/v3";
import { timeOf } from "../engine/times.ts";
import type { Session } from "../store/session-store.ts";

type Query = ReturnType<typeof ListSessionsQueryParams.parse>;

/** Which sessions a list is asked for. */
export function sessionFilter(query: Query): (session: Session) => boolean {
  const types = listOf(query["filter[type]"]);
  const tags = listOf(query["filter[tags]"]);
  const tasks = listOf(query["filter[taskIdentifier]"]);
  const statuses = listOf(query["filter[status]"]);
  const externalId = query["filter[externalId]"];
  const period = query["filter[createdAt][period]"];
  const from =
    period === undefined
      ? query["filter[createdAt][from]"]
      : 2 * Date.now() - timeOf(period, "period");
  const to = query["filter[createdAt][to]"];
  return (session) =>
    (types?.includes(session.type) ?? true) &&
    (tags?.every((tag) => session.tags.includes(tag)) ?? true) &&
    (tasks?.includes(session.task) ?? true) &&
    (statuses?.includes(statusOf(session)) ?? true) &&
    (externalId === undefined || session.externalId === externalId) &&
    session.createdAt >= (from ?? 0) &&
    session.createdAt <= (to ?? Number.POSITIVE_INFINITY);
}

function statusOf({ closedAt, expiresAt }: Session): string {
  if (closedAt !== undefined) return "CLOSED";
  return expiresAt !== undefined && expiresAt <= Date.now() ? "EXPIRED" : "ACTIVE";
}

function listOf(value: string | string[] | undefined): string[] | undefined {
  return typeof value === "string" ? value.split(",") : value;
}
