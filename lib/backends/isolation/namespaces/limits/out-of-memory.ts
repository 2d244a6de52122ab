/** 128 + SIGKILL, the signal by which the kernel makes room. */
const KILLED = 137;

/**
 * Whether a command's end is told by the counts of `SessionLimits.oomKills` from its start and after
 * its end: it was killed, and the kernel has killed in this session for lack of memory meanwhile.
 */
export function endedByMemory(end: { exitCode: number; before: number; after: number }): boolean {
  return end.exitCode === KILLED && end.after > end.before;
}

/** The last line of such a command's output. */
export function outOfMemoryLine({ memoryMb }: { memoryMb: number }): string {
  return `sandlot: killed, because the sandbox's memory (${memoryMb} MB) was used up. Give it more vcpus: each brings 2,048 MB.\n`;
}
