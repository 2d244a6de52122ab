/** How the platform behaves; the defaults are those of a development environment in the cloud, where it has them. */
export interface EngineOptions {
  /** How many runs are worked on at once, whatever their queues. */
  concurrencyLimit: number;
  /** How long a run waits in its queue before it expires, unless it says so itself. */
  defaultTtl: string;
  /** How long a worker may be silent before its run counts as stalled; workers say something every 20 to 30 seconds. */
  heartbeatMs: number;
  /** How long a dequeued run may take to begin before it goes back to its queue. */
  startMs: number;
  /** How long a `trigger dev` that went away may take to come back before its runs are given up. */
  absenceMs: number;
}

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  concurrencyLimit: 25,
  defaultTtl: "10m",
  heartbeatMs: 5 * 60_000,
  startMs: 60_000,
  absenceMs: 15_000,
};
