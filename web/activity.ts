// What the figures of two moments say about the time between them.

import type { Metrics } from './engine/generated/Metrics';
import type { Stage } from './engine/generated/Stage';

/** How the workers of a stage spent their time; adds up to 1. */
export interface Shares {
  busy: number;
  /** Could go on, but waits for a thread or a simulated core. */
  ready: number;
  waiting: number;
  blocked: number;
}

/** The shares since an earlier moment, or since the beginning; null if no time has passed. */
export function sharesOf(stage: Stage, now: Metrics, before?: Metrics): Shares | null {
  const total = (metrics?: Metrics) => {
    const sum = { busy: 0, ready: 0, waiting: 0, blocked: 0 };
    for (const worker of metrics?.stages.find((other) => other.stage === stage)?.workers ?? []) {
      sum.busy += worker.busy_seconds;
      sum.ready += worker.ready_seconds;
      sum.waiting += worker.waiting_seconds;
      sum.blocked += worker.blocked_seconds;
    }
    return sum;
  };
  const [end, start] = [total(now), total(before)];
  // A worker that was hired meanwhile brings the time before with it, as waiting: none of them is negative.
  const since = (time: keyof Shares) => Math.max(0, end[time] - start[time]);
  const [busy, ready, waiting, blocked] = [
    since('busy'),
    since('ready'),
    since('waiting'),
    since('blocked'),
  ];
  const all = busy + ready + waiting + blocked;
  return all > 0
    ? { busy: busy / all, ready: ready / all, waiting: waiting / all, blocked: blocked / all }
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
