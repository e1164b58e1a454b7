// What was measured of the workers of a stage. There can be thousands of them, measured ten times a second, and nobody
// looks at them one by one: so beyond the first ones their figures are added up.

import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';

/** So many workers of a stage are told of one by one. */
export const MAX_INDIVIDUAL = 64;

/** A worker, or several together: their sums. */
export interface WorkerAggregate extends WorkerMetrics {
  /** How many; 1 unless it says so. */
  count?: number;
}

/** The figures with all but the first workers of each stage together. */
export function aggregateWorkers(metrics: Metrics): Metrics {
  if (metrics.stages.every(({ workers }) => workers.length <= MAX_INDIVIDUAL + 1)) return metrics;
  const stages = metrics.stages.map(({ stage, workers }) => ({
    stage,
    workers:
      workers.length <= MAX_INDIVIDUAL + 1
        ? workers
        : [...workers.slice(0, MAX_INDIVIDUAL), aggregated(workers.slice(MAX_INDIVIDUAL))],
  }));
  return { ...metrics, stages };
}

function aggregated(workers: readonly WorkerMetrics[]): WorkerAggregate {
  // Those who have left the pool are no part of it any more, unless all have: then the run is over.
  const there = workers.filter(({ state }) => state !== null);
  const sum = (figure: (worker: WorkerMetrics) => number) => sumOf(workers, figure);
  return {
    records: sum(({ records }) => records),
    state: there[0]?.state ?? null,
    busy_seconds: sum(({ busy_seconds }) => busy_seconds),
    ready_seconds: sum(({ ready_seconds }) => ready_seconds),
    waiting_seconds: sum(({ waiting_seconds }) => waiting_seconds),
    blocked_seconds: sum(({ blocked_seconds }) => blocked_seconds),
    count: there.length > 0 ? there.length : workers.length,
  };
}

/** What was measured of the workers of a stage. */
export function workersOf(metrics: Metrics | null | undefined, stage: Stage): WorkerAggregate[] {
  return metrics?.stages.find((other) => other.stage === stage)?.workers ?? [];
}

export function countOf(workers: readonly WorkerAggregate[]): number {
  return sumOf(workers, ({ count = 1 }) => count);
}

export function sumOf(
  workers: readonly WorkerAggregate[],
  figure: (worker: WorkerAggregate) => number,
): number {
  return workers.reduce((sum, worker) => sum + figure(worker), 0);
}
