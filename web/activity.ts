// What the figures of two moments say about the time between them.

import type { Metrics } from './engine/generated/Metrics';

/** Records finished in a second since an earlier moment, or on average. */
export function rateOf(now: Metrics, before?: Metrics): number {
  if (!before) return now.records_per_second;
  const time = now.elapsed_seconds - before.elapsed_seconds;
  const records = now.processed + now.failed - before.processed - before.failed;
  return time > 0 ? Math.max(0, records / time) : 0;
}

/** The figures of the last second. */
export class LastSecond {
  #moments: { at: number; metrics: Metrics }[] = [];

  /** Adds the figures of now, and returns those of a second ago, or the oldest there are. */
  add(at: number, metrics: Metrics): Metrics | undefined {
    const before = this.#moments;
    // The last one that is at least a second old stays.
    const first = before.findLastIndex((moment) => at - moment.at >= 1000);
    this.#moments = [...before.slice(Math.max(0, first)), { at, metrics }];
    return this.#moments.length > 1 ? this.#moments[0]?.metrics : undefined;
  }
}
