/** What holds when the caller does not say. The vendor's numbers, where it has any. */
export const DEFAULTS = {
  region: "iad1",
  vcpus: 2,
  timeoutMs: 5 * 60 * 1_000,
  /** Where commands start and relative paths begin. */
  cwd: "/vercel/sandbox",
  home: "/vercel",
  user: "vercel-sandbox",
  /** Counted from a snapshot's last use (vendor, since 2026). */
  snapshotExpirationMs: 30 * 24 * 60 * 60 * 1_000,
  pageSize: 20,
  /** Between asking a command to end and ending it. */
  stopGraceMs: 3_000,
  /** The daemon ends itself after this long with nothing running and nobody calling. */
  daemonIdleMs: 10 * 60 * 1_000,
} as const;
