import * as z from "zod";

/** What a session has used since it began. What this machine does not count is absent. */
export const Usage = z.object({
  /** Processor time of all its processes, in milliseconds. */
  cpuMs: z.number(),
  /** Memory in use now, in bytes. Absent when the session has ended. */
  memoryBytes: z.number().optional(),
  /** Beside it, what holds files in case that they are needed again, and goes to whoever needs memory. */
  memoryCacheBytes: z.number().optional(),
  /** The most memory that was in use at once, in bytes. */
  memoryPeakBytes: z.number().optional(),
  /**
   * What its files take beside the system's and those of the snapshot that it began with, in bytes;
   * of an ended session, the size of the snapshot that was kept of it.
   */
  diskBytes: z.number().optional(),
  /** Free bytes of the disk that its files are on, told with `diskBytes` of one that runs. */
  diskFreeBytes: z.number().optional(),
  ingressBytes: z.number().optional(),
  egressBytes: z.number().optional(),
});
export type Usage = z.output<typeof Usage>;

/** What a session used at one moment. What this machine does not count is absent. */
export const UsageSample = z.object({
  /** Milliseconds since the epoch. */
  at: z.int(),
  /** Of all its processors together, since the sample before or the session's start: 0 to 100. */
  cpuUsedPercent: z.number(),
  cpuCount: z.int(),
  memoryUsedBytes: z.number().optional(),
  /** What it may use in all. */
  memoryTotalBytes: z.number(),
  /** Beside what is used, what holds files and goes to whoever needs memory. */
  memoryCacheBytes: z.number().optional(),
  diskUsedBytes: z.number().optional(),
  /** What it uses and what is free on the disk that it shares with all others. */
  diskTotalBytes: z.number().optional(),
});
export type UsageSample = z.output<typeof UsageSample>;
