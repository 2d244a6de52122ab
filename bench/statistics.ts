/** What is kept of a series of samples. */
export interface Summary {
  count: number;
  min: number;
  p50: number;
  p95: number;
  max: number;
}

/** The value below which the share (0 to 1) of the sorted samples lies. Throws without samples. */
export function percentile(sorted: readonly number[], share: number): number {
  const value =
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0];
  if (value === undefined) throw new RangeError("there are no samples");
  return value;
}

export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    min: percentile(sorted, 0),
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    max: percentile(sorted, 1),
  };
}

/** In a new order, each as likely as any other. */
export function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

/**
 * Samples every variant in each round, in an order that changes, so that whatever else the machine does
 * falls on all of them alike. The first round is thrown away: caches fill in it. A variant gives one
 * sample, or several that belong together.
 */
export async function interleave<Name extends string>(
  variants: Record<Name, () => Promise<number | number[]>>,
  { rounds }: { rounds: number },
): Promise<Record<Name, Summary>> {
  const names = Object.keys(variants) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of shuffled(names)) {
      const sample = await variants[name]();
      if (round > 0) samples.get(name)?.push(...[sample].flat());
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, summarize(samples.get(name) ?? [])]),
  ) as Record<Name, Summary>;
}

/** Milliseconds that it took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
