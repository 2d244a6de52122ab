import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { eachProcess, type ProcessEntry } from "./process-table.ts";
import { outlives } from "./recorder-script.ts";
import { bearsMarks, type MarkedBy, soughtMarks } from "./session-marks.ts";

const { SIGKILL, SIGSTOP, SIGCONT } = constants.signals;

/** How long to go on against what cannot die, such as a process that hangs in the kernel. */
const KILL_LIMIT_MS = 10_000;
const LONGEST_PAUSE_MS = 20;
/** So many looks in a row that were unsure are taken for a sure one: on a busy machine somebody always ends. */
const UNSURE_LOOKS = 10;

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
  return lookAt(tree).members;
}

interface TreeLook {
  members: ProcessEntry[];
  strangers: number[];
  /** Those that ended before it was known whether they are members. */
  ended: number[];
}

function lookAt(tree: ProcessTree, onMember?: (entry: ProcessEntry) => void): TreeLook {
  const table: ProcessEntry[] = [];
  const ended: number[] = [];
  const members = new Set<number>();
  const marks = soughtMarks(tree);
  // Whatever the machine's first process has for children is anybody's.
  const recorders = new Set([...tree.recorders].filter((pid) => pid > 1));
  const isRelated = ({ parent, session }: ProcessEntry) =>
    recorders.has(parent) || members.has(parent) || recorders.has(session) || members.has(session);
  const hasMarks = (entry: ProcessEntry) => {
    if (process.platform !== "linux" || !isYoungEnough(entry, tree)) return false;
    const bears = bearsMarks(entry.pid, marks);
    if (bears === undefined) ended.push(entry.pid);
    return bears;
  };
  const add = (entry: ProcessEntry) => {
    members.add(entry.pid);
    onMember?.(entry);
  };
  for (const { pid, entry } of eachProcess()) {
    if (entry) table.push(entry);
    else ended.push(pid);
    if (entry && isEligible(entry, tree) && (isRelated(entry) || hasMarks(entry))) add(entry);
  }
  // A parent may come later in the table than its child: go on until nobody joins.
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const entry of table) {
      if (!members.has(entry.pid) && isEligible(entry, tree) && isRelated(entry)) add(entry);
    }
  }
  const gone = new Set(ended);
  return {
    members: table.filter(({ pid }) => members.has(pid)),
    strangers: table.map(({ pid }) => pid).filter((pid) => !members.has(pid) && !gone.has(pid)),
    ended,
  };
}

function isYoungEnough({ startTime }: ProcessEntry, { since }: ProcessTree): boolean {
  return since === undefined || Number(startTime) >= Number(since);
}

function isEligible({ pid }: ProcessEntry, { recorders }: ProcessTree): boolean {
  return pid !== process.pid && pid > 1 && !recorders.has(pid);
}

/**
 * Looks at a tree again and again. One look is not enough to know that nobody is left: a process may start another
 * and end before it is looked into, and the other was not there yet when the look began.
 */
export class TreeLooks {
  /** Who is known not to leave a member behind by its end: such as are none, had ended before, or were killed. */
  readonly #harmless = new Set<number>();
  readonly #members = new Set<number>();
  #unsure = 0;

  /** As `findTree`. Each member is shown as soon as it is seen. */
  find(tree: ProcessTree, onMember?: (entry: ProcessEntry) => void): ProcessEntry[] {
    const { members, strangers, ended } = lookAt(tree, onMember);
    const hasNew = members.some(({ pid }) => !this.#members.has(pid));
    const mayHaveLeftOne = ended.some((pid) => !this.#harmless.has(pid));
    this.#unsure = mayHaveLeftOne ? (hasNew ? 1 : this.#unsure + 1) : 0;
    for (const { pid } of members) this.#members.add(pid);
    // Who has ended stays in the table until somebody has waited for it.
    for (const pid of [...strangers, ...ended]) this.#harmless.add(pid);
    return members;
  }

  /** Tells that these were killed: from then on they start nobody, so that no look need be repeated for them. */
  wereKilled(members: readonly ProcessEntry[]): void {
    for (const { pid } of members) this.#harmless.add(pid);
  }

  /** Whether there was nobody beside whom the last look found. */
  get isSure(): boolean {
    return this.#unsure === 0 || this.#unsure >= UNSURE_LOOKS;
  }
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
  const looks = new TreeLooks();
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const members = stopAll(tree, looks);
    for (const { pid } of members) sendSignal(pid, SIGKILL);
    looks.wereKilled(members);
    if ((members.length === 0 && looks.isSure) || Date.now() > giveUpAt) return;
    // The end of a process that is not our child is no event that Node could wait for.
    await delay(pauseMs);
  }
}

// Each as soon as it is seen, before it has started another and ended; the newest first, because whoever forks and
// leaves has just become the newest. Stopping a group is one step for the kernel, which no fork can overtake.
function stopAll(tree: ProcessTree, looks: TreeLooks): ProcessEntry[] {
  const stopped = new Set<number>();
  const giveUpAt = Date.now() + KILL_LIMIT_MS;
  while (true) {
    const members = looks.find(tree, ({ pid }) => sendSignal(pid, SIGSTOP));
    const running = members.filter(({ pid }) => !stopped.has(pid));
    if (running.length === 0 || Date.now() > giveUpAt) {
      for (const pid of tree.recorders) sendSignal(pid, SIGCONT);
      return members;
    }
    for (const group of new Set(running.map((entry) => entry.group))) {
      if (mayStopGroup(group, tree, members)) sendSignal(-group, SIGSTOP);
    }
    for (const { pid } of running) stopped.add(pid);
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
