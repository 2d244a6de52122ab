import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { findTree, killTree, sendSignal } from "./process-tree.ts";
import type { Recorders } from "./recorders.ts";

const { SIGTERM, SIGCONT, SIGKILL } = constants.signals;

/** What is left after the recorded commands have ended is looked at this often: their end is no event. */
const LOOK_EVERY_MS = 25;
/** A recorder has one line to write after its command has ended. */
const RECORDERS_LIMIT_MS = 2_000;

export interface HaltedSession {
  sessionId: string;
  recorders: Pick<Recorders<never>, "pids" | "allEnded" | "close">;
}

/**
 * Ends everything that belongs to a session: TERM first where there is time, then
 * KILL. When it returns, nothing of it runs and every recorder has had its say.
 */
export async function haltTree(
  { sessionId, recorders }: HaltedSession,
  { graceMs }: { graceMs: number },
): Promise<void> {
  recorders.close();
  const tree = { sessionId, recorders: recorders.pids };
  const asked = findTree(tree).toReversed();
  if (asked.length > 0 && graceMs > 0) {
    for (const { pid } of asked) {
      sendSignal(pid, SIGTERM);
      sendSignal(pid, SIGCONT); // One that is stopped would not hear.
    }
    await endedWithin(graceMs, async (isOver) => {
      await recorders.allEnded();
      while (!isOver() && findTree(tree).length > 0) await delay(LOOK_EVERY_MS);
    });
  }
  await killTree({ sessionId, recorders: recorders.pids });
  await endedWithin(RECORDERS_LIMIT_MS, () => recorders.allEnded());
  for (const pid of recorders.pids) sendSignal(pid, SIGKILL);
  // Something may have been started by a recorder in its last moment.
  await killTree({ sessionId, recorders: new Set() });
}

async function endedWithin(
  limitMs: number,
  wait: (isOver: () => boolean) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  let isOver = false;
  const timeout = delay(limitMs, undefined, { signal: limit.signal }).catch(() => undefined); // Called off.
  await Promise.race([wait(() => isOver), timeout]);
  isOver = true;
  limit.abort();
}
