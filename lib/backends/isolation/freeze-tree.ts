import { constants } from "node:os";
import { rm } from "node:fs/promises";
import { setImmediate as immediately, setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { type ProcessEntry, readProcess } from "./process-table.ts";
import { findTree, type ProcessTree, sendSignal, TreeLooks } from "./process-tree.ts";
import { readRecord, writeRecord } from "./state-folders.ts";

const { SIGCONT, SIGSTOP } = constants.signals;

/** How long to go on against what does not stop, such as a process that hangs in the kernel. */
const FREEZE_LIMIT_MS = 10_000;
const LONGEST_PAUSE_MS = 20;
/** How long one process is waited for before its children are stopped. */
const STOP_LIMIT_MS = 50;
/** So long after they were continued nothing has stopped again. */
const QUIET_MS = 20;
const SETTLE_LIMIT_MS = 1_000;

/** Who had been stopped by others before. Its file is there from before the first is stopped until all go on. */
const FrozenRecord = z.object({
  stoppedBefore: z.array(z.object({ pid: z.int(), startTime: z.string() })),
});

/**
 * Stops every process of a tree, the oldest first: a shell that is stopped before its job does not notice that
 * the job is. Goes on until nobody runs, also against such as multiply. Throws `internal`, with nobody stopped,
 * when somebody cannot be stopped in time.
 */
export async function freezeTree(tree: () => ProcessTree, file: string): Promise<void> {
  if (!(await readRecord(file, FrozenRecord))) {
    const stoppedBefore = findTree(tree())
      .filter(({ isStopped }) => isStopped)
      .map(({ pid, startTime }) => ({ pid, startTime }));
    await writeRecord(file, { stoppedBefore });
  }
  const giveUpAt = Date.now() + FREEZE_LIMIT_MS;
  const asked = new Set<string>();
  const looks = new TreeLooks();
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    // Whoever is traced is let go by its tracer, which is stopped, too. Whoever is in the kernel's hands stops before
    // it does anything else. After vfork(2) that is when the child goes on, which is stopped.
    const isStill = (entry: ProcessEntry) =>
      entry.isStopped || entry.isHeld || (entry.isUninterruptible && asked.has(nameOf(entry)));
    const running = looks.find(tree()).filter((entry) => !isStill(entry));
    if (running.length === 0 && looks.isSure) return;
    if (Date.now() > giveUpAt) break;
    const parents = new Set(running.map(({ parent }) => parent));
    for (const entry of running.toReversed()) {
      sendSignal(entry.pid, SIGSTOP);
      asked.add(nameOf(entry));
      if (parents.has(entry.pid)) await untilStill(entry);
    }
    // That a process which is not our child has stopped is no event that Node could wait for.
    await delay(pauseMs);
  }
  await thawTree(tree, file);
  throw new SandboxError(
    "internal",
    `Some of the sandbox's processes could not be stopped within ${FREEZE_LIMIT_MS} ms; it was not paused.`,
  );
}

/** A signal is on its way for a moment: a child that stopped meanwhile would be noticed by whoever waits for it. */
async function untilStill({ pid, startTime }: ProcessEntry): Promise<void> {
  const giveUpAt = Date.now() + STOP_LIMIT_MS;
  while (Date.now() < giveUpAt) {
    const entry = readProcess(pid);
    const isRunning =
      entry?.startTime === startTime &&
      !entry.isStopped &&
      !entry.isHeld &&
      !entry.isUninterruptible;
    if (!isRunning) return;
    await immediately();
  }
}

/** Lets all go on that `freezeTree` stopped; nothing was stopped where its file is not there. */
export async function thawTree(tree: () => ProcessTree, file: string): Promise<void> {
  const record = await readRecord(file, FrozenRecord);
  if (!record) return;
  const before = new Set(record.stoppedBefore.map(nameOf));
  const find = () => findTree(tree()).filter((entry) => !before.has(nameOf(entry)));
  const giveUpAt = Date.now() + SETTLE_LIMIT_MS;
  // First all, as some may have a stop before them; the newest first, as whoever waits for a child finds it running.
  for (let ours = find(); ; ours = find().filter(({ isStopped }) => isStopped)) {
    for (const { pid } of ours) sendSignal(pid, SIGCONT);
    // script(1) and nsenter(1) stop themselves when they hear that their child was stopped, which they may hear only now.
    await delay(QUIET_MS);
    if (Date.now() > giveUpAt || !find().some(({ isStopped }) => isStopped)) break;
  }
  await rm(file, { force: true });
}

function nameOf({ pid, startTime }: Pick<ProcessEntry, "pid" | "startTime">): string {
  return `${pid} ${startTime}`;
}
