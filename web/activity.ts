// What the figures of two moments say about the time between them.

import type { Metrics } from './engine/generated/Metrics';
import type { Stage } from './engine/generated/Stage';

/** How the workers of a stage spent their time; adds up to 1. */
export interface Shares {
  busy: number;
  waiting: number;
  blocked: number;
}

/**
 * The shares since an earlier moment, or since the beginning; null if no time has passed. Whoever has not begun or has
 * ended waits as well: the whole is the time of the run, for each worker.
 */
export function sharesOf(stage: Stage, now: Metrics, before?: Metrics): Shares | null {
  const total = (metrics?: Metrics) => {
    const sum = { busy: 0, blocked: 0, whole: 0 };
    for (const worker of metrics?.stages.find((other) => other.stage === stage)?.workers ?? []) {
      sum.busy += worker.busy_seconds;
      sum.whole += metrics?.elapsed_seconds ?? 0;
      sum.blocked += worker.blocked_seconds;
    }
    return sum;
  };
  const [end, start] = [total(now), total(before)];
  const busy = Math.max(0, end.busy - start.busy);
  const blocked = Math.max(0, end.blocked - start.blocked);
  // The clocks of several workers are not read at the same moment: together they may be a little over.
  const all = Math.max(end.whole - start.whole, busy + blocked);
  return all > 0
    ? { busy: busy / all, waiting: 1 - (busy + blocked) / all, blocked: blocked / all }
    : null;
}

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
