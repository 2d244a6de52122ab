import { existsSync, rmdirSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { membersOf } from "./make-group.ts";

/** A group's last process may be in the kernel's hands for so long; usually it is gone at the first look. */
const LIMIT_MS = 5_000;
const LONGEST_PAUSE_MS = 50;

/**
 * Ends every process in the groups, removes them, and the directory above when nothing else is in it.
 * False when something in it would not end.
 */
export async function removeGroups(directories: readonly string[]): Promise<boolean> {
  const deadline = performance.now() + LIMIT_MS;
  // With version 1 nobody is told that a group has become empty, so it is looked at.
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const left = directories.filter((directory) => !removeNow(directory));
    if (left.length === 0) return true;
    if (performance.now() > deadline) return false;
    await delay(pauseMs);
  }
}

/** For a process that ends: what could not be removed by then is left to the next engine. */
const LAST_LIMIT_MS = 200;
const doomed = new Set<readonly string[]>();

/** Removes the groups when this process ends, unless it is told otherwise by then. */
export function removeAtExit(directories: readonly string[]): { cancel: () => void } {
  if (doomed.size === 0) process.on("exit", removeDoomed);
  doomed.add(directories);
  return {
    cancel() {
      doomed.delete(directories);
      if (doomed.size === 0) process.off("exit", removeDoomed);
    },
  };
}

// Nothing but this can go on in a process that ends, so that it may wait here.
function removeDoomed(): void {
  const deadline = performance.now() + LAST_LIMIT_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let left = [...doomed].flat();
  while (performance.now() < deadline) {
    left = left.filter((directory) => !removeNow(directory));
    if (left.length === 0) return;
    Atomics.wait(pause, 0, 0, 2);
  }
}

function removeNow(directory: string): boolean {
  if (!existsSync(directory)) return true;
  endMembers(directory);
  if (!removeEmpty(directory)) return false;
  removeEmpty(dirname(directory)); // False while other sessions have theirs.
  return true;
}

function endMembers(directory: string): void {
  if (membersOf(directory).length === 0) return;
  // With version 1 what is frozen cannot end.
  writeIfThere(join(directory, "freezer.state"), "THAWED");
  // What multiplies faster than it is ended does so no longer.
  writeIfThere(join(directory, "pids.max"), "0");
  // All at once, with version 2 since Linux 5.14.
  writeIfThere(join(directory, "cgroup.kill"), "1");
  for (const pid of membersOf(directory)) {
    try {
      process.kill(pid, constants.signals.SIGKILL);
    } catch {
      // It has ended by itself.
    }
  }
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text);
}

function removeEmpty(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return true;
    if (code === "EBUSY" || code === "ENOTEMPTY") return false;
    throw error;
  }
}
