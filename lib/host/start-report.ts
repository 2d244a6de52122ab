import * as z from "zod";

/** The pipe on which a starting daemon reports to whoever started it, besides the three standard ones. */
export const REPORT_DESCRIPTOR = 3;

/** One line of JSON: how the start went. */
export const StartReport = z.union([
  z.object({ ready: z.object({ socketPath: z.string(), notice: z.string().optional() }) }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
]);
export type StartReport = z.input<typeof StartReport>;
