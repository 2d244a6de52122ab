import type { Sandbox, Session } from "../../contract/sandbox.ts";

/** What is to become of a sandbox, when, and why: words that end "stopped …". */
export interface NextEnd {
  at: number;
  act: "stop" | "pause" | "delete";
  why: string;
}

/** Long enough for what stood in the way to pass, and for the log to stay readable when it does not. */
export const RETRY_MS = 60_000;
const HALF_DONE = "for its end was left half done";

/** When the session's life ends. */
export function deadlineOf(session: Session): number {
  return (session.startedAt ?? session.createdAt) + session.timeoutMs;
}

/**
 * The next that becomes of a sandbox by itself. `idleSince` is when its session was last used; undefined while
 * it is in use.
 */
export function nextEnd(
  sandbox: Sandbox,
  { session, idleSince }: { session: Session | undefined; idleSince: number | undefined },
): NextEnd | undefined {
  const { life = {}, onTimeout, status, statusUpdatedAt, deleting } = sandbox;
  // Whoever ends one holds its lock until that is done or has failed.
  const retryAt = statusUpdatedAt + RETRY_MS;
  if (deleting) return { at: retryAt, act: "delete", why: HALF_DONE };
  const ends: NextEnd[] = [];
  const add = (at: number | undefined, act: NextEnd["act"], why: string) => {
    if (at !== undefined) ends.push({ at, act, why });
  };
  const after = (since: number | undefined, period: number | undefined) =>
    since === undefined || period === undefined ? undefined : since + period;
  add(life.deleteAt, "delete", "at the time that was set");
  if (status === "stopped") {
    add(after(statusUpdatedAt, life.deleteAfterStopMs), "delete", "for it was stopped long enough");
  }
  if (session?.status === "stopping" || session?.status === "snapshotting") {
    add(retryAt, "stop", HALF_DONE);
  }
  if (session?.status === "running") {
    add(deadlineOf(session), onTimeout, "at its timeout");
    add(after(idleSince, life.idleStopMs), "stop", "for it was idle");
    add(after(idleSince, life.idlePauseMs), "pause", "for it was idle");
  }
  // Of two at the same time the one that leaves less.
  const rank = { delete: 0, stop: 1, pause: 2 } as const;
  return ends.toSorted((one, other) => one.at - other.at || rank[one.act] - rank[other.act])[0];
}
