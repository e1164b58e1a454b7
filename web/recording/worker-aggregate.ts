// Metrics of the workers of a stage. There may be thousands of them, measured ten times per second,
// and they aren't inspected individually: beyond the first ones, their metrics are added up.

import type { ChannelMetrics } from '../engine/generated/ChannelMetrics';
import type { Metrics } from '../engine/generated/Metrics';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';

/** How many workers of a stage keep metrics of their own. */
export const MAX_INDIVIDUAL = 64;

/** The metrics of a worker, or the sum of several. */
export interface WorkerAggregate extends WorkerMetrics {
  /** How many workers this is the sum of; 1 if missing. */
  count?: number;
}

/** Aggregates all but the first workers of each stage. */
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
  // Workers that have left the pool no longer count, unless all have: then the run is over.
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

/** Returns the worker metrics of a stage, by its id. */
export function workersOf(metrics: Metrics | null | undefined, stage: string): WorkerAggregate[] {
  return metrics?.stages.find((other) => other.stage === stage)?.workers ?? [];
}

/** Returns the metrics of a channel, by its id. */
export function gaugeOf(
  metrics: Metrics | null | undefined,
  channel: string,
): ChannelMetrics | undefined {
  return metrics?.channels.find((other) => other.channel === channel);
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
