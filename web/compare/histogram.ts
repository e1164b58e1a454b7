// Two distributions on one axis.

import { niceDivision } from '../timeline/viewport';

export interface Bins {
  /** The length of a bin, in seconds. */
  width: number;
  /** The share of each run's records in each bin, from 0 on. */
  a: number[];
  b: number[];
  /** The largest of these shares. */
  most: number;
  /** Where the axis ends, in seconds. */
  end: number;
}

/** About how many bins there are. */
const BINS = 28;

/** Sorts latencies, in ascending order and in seconds, into bins that both runs share. Null if neither has any. */
export function binsOf(a: Float64Array, b: Float64Array): Bins | null {
  const longest = Math.max(a.at(-1) ?? 0, b.at(-1) ?? 0);
  if (a.length + b.length === 0 || longest <= 0) return null;
  // Divisions are in nanoseconds.
  const width = niceDivision((longest / BINS) * 1e9) / 1e9;
  const count = Math.floor(longest / width) + 1;
  const sharesOf = (latencies: Float64Array) => {
    const shares = Array.from({ length: count }, () => 0);
    for (const latency of latencies) {
      const bin = Math.min(count - 1, Math.floor(latency / width));
      shares[bin] = (shares[bin] ?? 0) + 1 / latencies.length;
    }
    return shares;
  };
  const [one, other] = [sharesOf(a), sharesOf(b)];
  return { width, a: one, b: other, most: Math.max(...one, ...other), end: count * width };
}
