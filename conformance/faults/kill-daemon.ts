import { readFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { type Connection, daemonPid } from "../harness.ts";

/** Ends the daemon as a crash would, and returns when it is gone. */
export async function killDaemon({ settings }: Connection): Promise<void> {
  const pid = await daemonPid(settings);
  process.kill(pid, "SIGKILL");
  // Gone, or a zombie that its parent has not asked about yet: it runs no more.
  while (await isRunning(pid)) await setTimeout(2);
}

/** Whether a process runs: neither gone nor a zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    await access(`/proc/${pid}`);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
