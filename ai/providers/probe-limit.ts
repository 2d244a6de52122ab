/** Long enough for a server on this machine, and not felt when there is none. */
export const PROBE_LIMIT_MS = 400;
