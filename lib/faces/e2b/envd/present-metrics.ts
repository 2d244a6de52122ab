import type { UsageSample } from "../../../contract/usage.ts";

const MEBIBYTE = 1024 * 1024;

/** The newest sample in the vendor's words; what this machine does not count is left out. */
export function presentMetrics(samples: UsageSample[]): Record<string, number> {
  const sample = samples.at(-1);
  if (!sample) return {};
  const { memoryUsedBytes, memoryTotalBytes, memoryCacheBytes, diskUsedBytes, diskTotalBytes } =
    sample;
  const all = {
    ts: Math.floor(sample.at / 1_000),
    cpu_count: sample.cpuCount,
    cpu_used_pct: sample.cpuUsedPercent,
    mem_used: memoryUsedBytes,
    mem_total: memoryTotalBytes,
    mem_cache: memoryCacheBytes,
    mem_used_mib: memoryUsedBytes === undefined ? undefined : memoryUsedBytes / MEBIBYTE,
    mem_total_mib: memoryTotalBytes / MEBIBYTE,
    disk_used: diskUsedBytes,
    disk_total: diskTotalBytes,
  };
  const known = Object.entries(all).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  return Object.fromEntries(known);
}
