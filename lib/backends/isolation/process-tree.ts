import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { type ProcessEntry, readProcessTable } from "./process-table.ts";
import { outlives } from "./recorder-script.ts";
import { bearsMarks, type MarkedBy } from "./session-marks.ts";

const { SIGKILL, SIGSTOP, SIGCONT } = constants.signals;

/** How long to go on against what cannot die, such as a process that hangs in the kernel. */
const KILL_LIMIT_MS = 10_000;
const LONGEST_PAUSE_MS = 20;

export interface ProcessTree extends MarkedBy {
  /** Processes of ours whose descendants belong to the tree, but that are not to be signalled themselves. */
  recorders: ReadonlySet<number>;
  /** The start time of a process that none of them is older than: the older ones need not be looked into. */
  since?: string;
  /** Recorders that must not be stopped, not even for a moment with the rest of their process group. */
  neverStop?: boolean;
}

/**
 * The processes of a tree that run now, newest first: whatever bears the marks,
 * descends from a recorder or from another member, or is in a POSIX session that
 * one of them leads. Elsewhere than on Linux there are no marks to be seen, so
 * that a process which cut itself loose is not found there.
 */
export function findTree(tree: ProcessTree): ProcessEntry[] {
  const table = readProcessTable();
  const members = new Set<number>();
  // Whatever the machine's first process has for children is anybody's.
  const recorders = new Set([...tree.recorders].filter((pid) => pid > 1));
  const isRelated = ({ parent, session }: ProcessEntry) =>
    recorders.has(parent) || members.has(parent) || recorders.has(session) || members.has(session);
  const isMember = (entry: ProcessEntry) =>
    isRelated(entry) ||
    (process.platform === "linux" && isYoungEnough(entry, tree) && bearsMarks(entry.pid, tree));
  for (const entry of table) {
    if (isEligible(entry, tree) && isMember(entry)) members.add(entry.pid);
  }
  // A parent may come later in the table than its child: go on until nobody joins.
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const entry of table) {
      if (!members.has(entry.pid) && isEligible(entry, tree) && isRelated(entry)) {
        members.add(entry.pid);
      }
    }
  }
  return table.filter(({ pid }) => members.has(pid));
}

function isYoungEnough({ startTime }: ProcessEntry, { since }: ProcessTree): boolean {
  return since === undefined || Number(startTime) >= Number(since);
}

function isEligible({ pid }: ProcessEntry, { recorders }: ProcessTree): boolean {
  return pid !== process.pid && pid > 1 && !recorders.has(pid);
}

/**
 * Sends a signal to every member that runs now, the oldest first so that a parent hears before it misses a
 * child. A process group is one step for the kernel: whom a member starts meanwhile gets the signal, too.
 */
export function signalTree(tree: ProcessTree, signal: number): void {
  const done = new Set<number>();
  for (const { pid, group } of findTree(tree).toReversed()) {
    // A group has members and nobody else in it, but for the recorder that leads it.
    const isOurs = group > 1 && (!tree.recorders.has(group) || outlives(signal));
    if (!isOurs) sendSignal(pid, signal);
    else if (!done.has(group)) sendSignal(-group, signal);
    done.add(group);
  }
}

/**
 * Ends every member, also such as fork faster than they can be looked up: all
 * are stopped first, and only when none is left that runs are they killed.
 * Returns when all are gone.
 */
export async function killTree(tree: ProcessTree): Promise<void> {
  const giveUpAt = Date.now() + KILL_LIMIT_MS;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const members = stopAll(tree);
    for (const { pid } of members) sendSignal(pid, SIGKILL);
    if (members.length === 0 || Date.now() > giveUpAt) return;
    // The end of a process that is not our child is no event that Node could wait for.
    await delay(pauseMs);
  }
}

// Stopping a group is one step for the kernel, which no fork can overtake; the newest first,
// because whoever forks and leaves has just become the newest.
function stopAll(tree: ProcessTree): ProcessEntry[] {
  const stopped = new Set<number>();
  const giveUpAt = Date.now() + KILL_LIMIT_MS;
  while (true) {
    const members = findTree(tree);
    const running = members.filter(({ pid }) => !stopped.has(pid));
    if (running.length === 0 || Date.now() > giveUpAt) {
      for (const pid of tree.recorders) sendSignal(pid, SIGCONT);
      return members;
    }
    for (const group of new Set(running.map((entry) => entry.group))) {
      if (mayStopGroup(group, tree, members)) sendSignal(-group, SIGSTOP);
    }
    for (const { pid } of running) {
      sendSignal(pid, SIGSTOP);
      stopped.add(pid);
    }
  }
}

function mayStopGroup(group: number, tree: ProcessTree, members: readonly ProcessEntry[]): boolean {
  if (tree.recorders.has(group)) return !tree.neverStop;
  return members.some(({ pid }) => pid === group);
}

/** False when the process is gone. */
export function sendSignal(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: it ended before. EPERM: it took another user's identity, and is beyond reach.
    return false;
  }
}
