// The throughput between two measurements.

import type { Metrics } from './engine/generated/Metrics';

/** Returns records finished per second since an earlier moment, or on average. */
export function throughputOf(now: Metrics, before?: Metrics): number {
  if (!before) return now.records_per_second;
  const time = now.elapsed_seconds - before.elapsed_seconds;
  const records = now.processed + now.failed - before.processed - before.failed;
  return time > 0 ? Math.max(0, records / time) : 0;
}
