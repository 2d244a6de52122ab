const UNITS = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "m", ms: 60_000 },
  { name: "s", ms: 1_000 },
] as const;

/** A length of time in at most two units: `340 ms`, `2.4 s`, `3m 20s`, `4d 2h`. */
export function duration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 10_000) return `${(Math.floor(value / 100) / 10).toFixed(1)} s`;
  const first = UNITS.findIndex((unit) => value >= unit.ms);
  const unit = UNITS[first]!;
  const count = Math.floor(value / unit.ms);
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((value % unit.ms) / next.ms) : 0;
  return rest > 0 ? `${count}${unit.name} ${rest}${next!.name}` : `${count}${unit.name}`;
}

/** How long ago a moment was. */
export function ago(at: number, now = Date.now()): string {
  const past = now - at;
  return past < 1_000 ? "just now" : `${duration(past)} ago`;
}

/** Bytes in the unit in which a person would say it: `512 B`, `1.4 MB`, `20 GB` (powers of 1,000). */
export function byteSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
