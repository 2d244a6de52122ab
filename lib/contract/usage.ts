import * as z from "zod";

/** What a session has used since it began. What this machine does not count is absent. */
export const Usage = z.object({
  /** Processor time of all its processes, in milliseconds. */
  cpuMs: z.number(),
  /** Memory in use now, in bytes. Absent when the session has ended. */
  memoryBytes: z.number().optional(),
  /** The most memory that was in use at once, in bytes. */
  memoryPeakBytes: z.number().optional(),
  /**
   * What its files take beside the system's and those of the snapshot that it began with, in bytes;
   * of an ended session, the size of the snapshot that was kept of it.
   */
  diskBytes: z.number().optional(),
  ingressBytes: z.number().optional(),
  egressBytes: z.number().optional(),
});
export type Usage = z.output<typeof Usage>;
