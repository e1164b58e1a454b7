// What the figures of two moments say about the time between them.

import type { Metrics } from './engine/generated/Metrics';

/** Records finished in a second since an earlier moment, or on average. */
export function throughputOf(now: Metrics, before?: Metrics): number {
  if (!before) return now.records_per_second;
  const time = now.elapsed_seconds - before.elapsed_seconds;
  const records = now.processed + now.failed - before.processed - before.failed;
  return time > 0 ? Math.max(0, records / time) : 0;
}
