import type { SessionItem } from "@trigger.dev/core/v3";
import type { Session } from "../store/session-store.ts";

/** A session as the API shows it. */
export function sessionItem(session: Session): SessionItem {
  const date = (time: number | undefined) => (time === undefined ? null : new Date(time));
  return {
    id: session.id,
    externalId: session.externalId ?? null,
    type: session.type,
    taskIdentifier: session.task,
    triggerConfig: session.triggerConfig,
    currentRunId: session.currentRunId ?? null,
    tags: session.tags,
    metadata: session.metadata ?? null,
    closedAt: date(session.closedAt),
    closedReason: session.closedReason ?? null,
    expiresAt: date(session.expiresAt),
    createdAt: new Date(session.createdAt),
    updatedAt: new Date(session.updatedAt),
  };
}
