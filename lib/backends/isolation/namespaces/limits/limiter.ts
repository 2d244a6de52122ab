import type { Feature } from "../../../../engine/ports.ts";
import type { Freezer } from "./freezer.ts";

/** Bounds what sessions take of the machine, as far as the machine can. */
export interface Limiter {
  /** Whether memory, processors and processes are all limited; else what is not, and why. */
  readonly feature: Feature;
  /** Leaves nothing behind when it fails. What was reserved is the session's own when it succeeds, and else still the caller's. */
  open(request: LimitRequest, reserved?: ReservedLimits): Promise<SessionLimits>;
  /** Where the processes of a session that is yet to come are counted in. Nothing is limited yet. */
  reserve(): ReservedLimits;
  /** Finds a session's limits again after the engine was restarted; undefined when they are gone. */
  adopt(sessionId: string): Promise<SessionLimits | undefined>;
  /** Ends and removes what belongs to sessions that are not among the known. */
  sweep(knownSessionIds: readonly string[]): Promise<void>;
}

export interface LimitRequest {
  sessionId: string;
  vcpus: number;
  memoryMb: number;
  /** How many processes and threads there may be at once. */
  processes: number;
}

/** It is the session's that it is opened for; else it has to be removed, and is when this process ends. */
export interface ReservedLimits extends Pick<SessionLimits, "joinFiles" | "remove"> {
  readonly name: string;
  /** It stays when this process ends. */
  keep(): void;
}

export interface SessionLimits {
  /**
   * Files into which a process writes `0` to be counted in, with all that comes from it. A shell does
   * it first thing. Empty where there are no control groups.
   */
  readonly joinFiles: readonly string[];
  /** What a POSIX `sh` runs so that it and all that comes from it is bounded per process. Never fails. */
  readonly shellLimits: string;
  /** What was used since the session began, as far as it is counted. */
  usage(): Promise<SessionUsage>;
  /** Absent where the kernel cannot stop a group as a whole. */
  readonly freezer?: Freezer | undefined;
  /** How often the kernel ended a process of the session because its memory was used up. */
  oomKills(): Promise<number>;
  /** Ends what is still counted in, and then counts no more. What cannot end yet is left to a later sweep. */
  remove(): Promise<void>;
}

export interface SessionUsage {
  cpuMs?: number;
  /** Without what the kernel would give back at once. */
  memoryBytes?: number;
  memoryCacheBytes?: number;
  memoryPeakBytes?: number;
}
