import type { Sandbox, Session } from "../../contract/sandbox.ts";

/** What is to become of a sandbox, when, and why: words that end "stopped …". */
export interface NextEnd {
  at: number;
  act: "stop" | "pause" | "delete";
  why: string;
}

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
  const { life = {}, onTimeout, status, statusUpdatedAt } = sandbox;
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
  if (session?.status === "running") {
    add(deadlineOf(session), onTimeout, "at its timeout");
    add(after(idleSince, life.idleStopMs), "stop", "for it was idle");
    add(after(idleSince, life.idlePauseMs), "pause", "for it was idle");
  }
  // Of two at the same time the one that leaves less.
  const rank = { delete: 0, stop: 1, pause: 2 } as const;
  return ends.toSorted((one, other) => one.at - other.at || rank[one.act] - rank[other.act])[0];
}
