import type { Exit, Process } from "../../../../engine/ports.ts";
import type { SessionLimits } from "./limiter.ts";

/** 128 + SIGKILL, the signal by which the kernel makes room. */
const KILLED = 137;

/**
 * Whether a command's end is told by the counts of `SessionLimits.oomKills` from its start and after
 * its end: it was killed, and the kernel has killed in this session for lack of memory meanwhile.
 */
export function endedByMemory(end: { exitCode: number; before: number; after: number }): boolean {
  return end.exitCode === KILLED && end.after > end.before;
}

/** Starts a process whose exit tells whether it was for lack of memory. */
export async function startToldOfMemory(
  limits: Pick<SessionLimits, "joinFiles" | "oomKills">,
  start: () => Promise<Process>,
): Promise<Process> {
  if (limits.joinFiles.length === 0) return start();
  const counted = limits.oomKills();
  const process = await start();
  const { handle, stdin } = process;
  return {
    handle,
    exited: tellOfMemory(process.exited, counted, limits),
    ...(stdin && { stdin }),
    findPid: () => process.findPid(),
    signal: (signal) => process.signal(signal),
  };
}

async function tellOfMemory(
  exited: Promise<Exit>,
  counted: Promise<number>,
  limits: Pick<SessionLimits, "oomKills">,
): Promise<Exit> {
  const [exit, before] = [await exited, await counted];
  const { exitCode } = exit;
  if (exit.lost || exitCode !== KILLED) return exit;
  // The kernel counts before it kills.
  const after = await limits.oomKills();
  return endedByMemory({ exitCode, before, after }) ? { ...exit, outOfMemory: true } : exit;
}
