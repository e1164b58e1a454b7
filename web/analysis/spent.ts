// How the workers of a stage spent their time between two measurements.

import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';
import type { Doing } from './worker-state';

/** Adds up to 1. */
export type Shares = Record<Doing, number>;

/**
 * The shares since an earlier moment, or since the beginning; null if no time has passed or there is no worker. Whoever
 * has not begun or has ended waits as well.
 */
export function sharesBetween(
  stage: Stage,
  now: Metrics,
  before?: Metrics,
  worker?: number,
): Shares | null {
  const end = workersOf(now, stage, worker);
  const start = workersOf(before, stage, worker);
  const passed = now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
  if (end.length === 0 || passed <= 0) return null;
  const spent = (time: (worker: WorkerMetrics) => number) =>
    Math.max(0, total(end, time) - total(start, time));
  const busy = spent(({ busy_seconds }) => busy_seconds);
  const ready = spent(({ ready_seconds }) => ready_seconds);
  const blocked = spent(({ blocked_seconds }) => blocked_seconds);
  // The clocks of several workers are not read at the same moment: together they may be a little over.
  const all = Math.max(passed * end.length, busy + ready + blocked);
  return {
    busy: busy / all,
    ready: ready / all,
    blocked: blocked / all,
    waiting: 1 - (busy + ready + blocked) / all,
  };
}

function workersOf(metrics: Metrics | undefined, stage: Stage, worker?: number): WorkerMetrics[] {
  const all = metrics?.stages.find((other) => other.stage === stage)?.workers ?? [];
  return worker === undefined ? all : all.slice(worker, worker + 1);
}

function total(workers: WorkerMetrics[], time: (worker: WorkerMetrics) => number): number {
  return workers.reduce((sum, worker) => sum + time(worker), 0);
}
