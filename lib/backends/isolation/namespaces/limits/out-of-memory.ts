import type { Exit } from "../../../../engine/ports.ts";
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

/** How a command ended, with whether it was for lack of memory. To be called when it starts. Never rejects. */
export async function exitToldOfMemory(
  exited: Promise<Exit>,
  limits: Pick<SessionLimits, "joinFiles" | "oomKills">,
): Promise<Exit> {
  if (limits.joinFiles.length === 0) return exited;
  const counted = limits.oomKills();
  const [exit, before] = [await exited, await counted];
  const { exitCode } = exit;
  if (exit.lost || exitCode !== KILLED) return exit;
  // The kernel counts before it kills.
  const after = await limits.oomKills();
  return endedByMemory({ exitCode, before, after }) ? { ...exit, outOfMemory: true } : exit;
}
