import { statSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { systemCode } from "../../process-faults.ts";
import { type ProcessEntry, readProcess, readProcFile } from "../../process-table.ts";
import { findTree, killTree, sendSignal } from "../../process-tree.ts";
import type { Recorders } from "../../recorders.ts";
import { REAPER_COMMAND_LINE } from "./set-up-script.ts";
import type { SessionInit } from "./raise-session.ts";

const { SIGTERM, SIGCONT, SIGKILL } = constants.signals;

/** Nobody is told of the end of another process's child: it is looked at this often. */
const LOOK_EVERY_MS = 25;
const LONGEST_LOOK_MS = 20;
/** The kernel ends what is in a namespace; what hangs in it cannot hold this up for longer. */
const KILL_LIMIT_MS = 10_000;

export interface RunningSession {
  sessionId: string;
  init: SessionInit;
  recorders: Pick<Recorders<never>, "pids" | "allEnded" | "close">;
}

/** Whether it is there, also while it ends. */
export function isInitAlive({ pid, startTime }: SessionInit): boolean {
  return readProcess(pid)?.startTime === startTime;
}

/**
 * Whether something can be started in the session. A first process that ends has no namespaces any more, and is
 * there until all that were in them were asked about by whoever has them for children.
 */
export function canBeEntered(init: SessionInit): boolean {
  if (!isInitAlive(init)) return false;
  try {
    statSync(`/proc/${init.pid}/ns/net`);
    return true;
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

/**
 * Ends everything in a session: TERM first where there is time, then the first process and with it the
 * namespaces. When it returns, nothing of it runs and every recorder has had its say.
 */
export async function haltSession(
  { sessionId, init, recorders }: RunningSession,
  { graceMs }: { graceMs: number },
): Promise<void> {
  // With the one that waits. A recorder that a signal ended would leave its inner shell to the host's
  // first process, which may take its time to take in what it does not know.
  const spared = recorders.pids;
  recorders.close();
  if (graceMs > 0 && isInitAlive(init)) {
    // The first process, its parent and its reaper, and what is outside of the session hear nothing of it. The
    // parent is left out by its number alone: once the one that started the session is dead, it is anybody.
    const starter = readProcess(init.pid)?.parent;
    const tree = { sessionId, recorders: new Set([init.pid, ...spared]), since: init.startTime };
    const find = () =>
      findTree(tree).filter((entry) => entry.pid !== starter && !isReaper(entry, init));
    const asked = find().toReversed();
    for (const { pid } of asked) {
      sendSignal(pid, SIGTERM);
      sendSignal(pid, SIGCONT); // One that is stopped would not hear.
    }
    const giveUpAt = Date.now() + graceMs;
    for (let left = asked; left.length > 0 && Date.now() < giveUpAt; left = find()) {
      await delay(LOOK_EVERY_MS);
    }
  }
  await endInit(init, spared);
  await recorders.allEnded();
  // What was on its way in and never arrived.
  await killTree({ sessionId, recorders: new Set(), since: init.startTime });
}

function isReaper({ pid, parent }: ProcessEntry, init: SessionInit): boolean {
  if (parent !== init.pid) return false;
  return readProcFile(pid, "cmdline")?.toString("latin1") === REAPER_COMMAND_LINE;
}

async function endInit(init: SessionInit, recorders: ReadonlySet<number>): Promise<void> {
  const giveUpAt = Date.now() + KILL_LIMIT_MS;
  for (let pauseMs = 1; isInitAlive(init); pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)) {
    sendSignal(init.pid, SIGKILL);
    // nsenter(1) stops when what it entered with is stopped, and the namespace waits for it to hear of the end.
    for (const pid of recorders) sendSignal(pid, SIGCONT);
    if (Date.now() > giveUpAt) return;
    await delay(pauseMs);
  }
}
