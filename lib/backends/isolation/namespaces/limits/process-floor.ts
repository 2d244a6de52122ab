import type { LimitRequest } from "./limiter.ts";

/** More than any build needs, and few enough that a thousand leaking programs are no danger to the host. */
const OPEN_FILES = 65_536;
/** What one file may not take: the last of the disk is for what must be written to go on, logs and state. */
const RESERVE_BYTES = 1024 * 1024 * 1024;
/** Node does not start with less. */
const LEAST_DATA_MB = 2_048;

/** What is bounded by no control group and must be by the process's own limits. */
export interface FloorOptions extends Pick<LimitRequest, "memoryMb" | "processes"> {
  hasMemoryGroup: boolean;
  /** Whether processes are counted by a group or by the process namespace. */
  countsProcesses: boolean;
  /** What is free on the disk that the session writes to. */
  freeBytes: number;
}

const silently = (limit: string) => `{ ${limit}; } 2>/dev/null || :`;

/** A line of POSIX `sh` with the part of `shellLimits` that may need rights of the machine's own root. */
export const OPEN_FILES_LIMIT = silently(`ulimit -n ${OPEN_FILES}`);

/**
 * A line of POSIX `sh` that bounds the shell and all that comes from it. Each is a limit per process
 * (that of processes: per user and user namespace). What the machine bounds more tightly stays so.
 */
export function shellLimits(options: FloorOptions): string {
  const { hasMemoryGroup, countsProcesses, freeBytes, memoryMb, processes } = options;
  const fileBytes = Math.max(freeBytes - RESERVE_BYTES, RESERVE_BYTES);
  const limits = [
    // POSIX counts blocks of 512 bytes.
    `ulimit -f ${Math.floor(fileBytes / 512)}`,
    ...(hasMemoryGroup ? [] : [`ulimit -d ${Math.max(memoryMb, LEAST_DATA_MB) * 1024}`]),
    // dash has -p for this, bash -u; bash's own -p cannot be set, and says so.
    ...(countsProcesses ? [] : [`ulimit -p ${processes} || ulimit -u ${processes}`]),
  ];
  return [OPEN_FILES_LIMIT, ...limits.map(silently)].join("; ");
}
