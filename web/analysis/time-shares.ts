// How the workers of a stage spent their time between two measurements.

import type { Metrics } from '../engine/generated/Metrics';
import { countOf, sumOf, workersOf } from '../recording/worker-aggregate';
import type { WorkerAggregate } from '../recording/worker-aggregate';
import type { WorkerState } from '../engine/generated/WorkerState';

/** Adds up to 1. */
export type TimeShares = Record<WorkerState, number>;

/**
 * Returns the shares since an earlier moment, or since the beginning; null if no time has passed or there is no worker.
 * A worker that hasn't started or has ended counts as waiting.
 */
export function sharesBetween(
  stage: string,
  now: Metrics,
  before?: Metrics,
  worker?: number,
): TimeShares | null {
  const all = some(workersOf(now, stage), worker);
  // Workers that have left a running pool no longer count.
  const isThere = all.map(({ state }) => state !== null);
  const isOver = !isThere.includes(true);
  const counts = (_: WorkerAggregate, at: number) => isOver || isThere[at] === true;
  const end = all.filter(counts);
  const start = some(workersOf(before, stage), worker).filter(counts);
  const passed = now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
  if (end.length === 0 || passed <= 0) return null;
  const spent = (time: (worker: WorkerAggregate) => number) =>
    Math.max(0, sumOf(end, time) - sumOf(start, time));
  const busy = spent(({ busy_seconds }) => busy_seconds);
  const ready = spent(({ ready_seconds }) => ready_seconds);
  const blocked = spent(({ blocked_seconds }) => blocked_seconds);
  // The clocks of workers aren't read at the same instant, so the sum may be slightly over.
  const whole = Math.max(passed * countOf(end), busy + ready + blocked);
  return {
    busy: busy / whole,
    ready: ready / whole,
    blocked: blocked / whole,
    waiting: 1 - (busy + ready + blocked) / whole,
  };
}

function some(workers: WorkerAggregate[], worker: number | undefined): WorkerAggregate[] {
  return worker === undefined ? workers : workers.slice(worker, worker + 1);
}
