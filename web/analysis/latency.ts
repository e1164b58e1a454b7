// Percentiles by nearest rank: the p-th percentile of n sorted values is the one at rank ⌈p·n⌉, counted from 1. It is
// always a measured value, and at least a share p of the values don't exceed it. There is no interpolation: between two
// bursts there may be values that no record ever had.

/** @param sorted in ascending order */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  const { length } = sorted;
  if (length === 0) return null;
  // In floating point, a share such as 0.07 of 100 is 7.000000000000001.
  const rank = Math.ceil(share * length - 1e-9);
  return sorted[Math.min(length, Math.max(1, rank)) - 1] ?? null;
}

/** A summary of some latencies. */
export interface Distribution {
  count: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
}

export function distribution(values: ArrayLike<number>): Distribution {
  const sorted = Float64Array.from(values).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
  };
}
