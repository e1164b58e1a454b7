// What the picture says in words and gauges at a time of a run; the dots are the graphics card's (position.ts). A pure
// function of the recording and the time.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import { capacityAt } from '../analysis/capacity';
import { sharesBetween } from '../analysis/time-shares';
import type { TimeShares } from '../analysis/time-shares';
import { sumOf, workersOf } from '../recording/worker-aggregate';
import type { WorkerAggregate } from '../recording/worker-aggregate';
import { CHANNELS, STAGES, isPool } from '../recording/events';
import type { Recording } from '../recording/recording';
import type { Residencies } from '../recording/residencies';
import { MAX_LANES } from './layout';

/** Null: it has left. */
export type ShownState = 'busy' | 'ready' | 'blocked' | 'waiting' | null;

export interface WorkerStatus {
  state: ShownState;
  /** The record that it has, where that is traced. */
  record: number | null;
  /** How many traced records it has. */
  held: number;
  /** The thread that it runs on, where that is known. */
  thread: number | null;
  shares: TimeShares | null;
}

export interface StageState {
  stage: Stage;
  /** The first of them: where there are more than have a line, nobody sees them one by one. */
  workers: WorkerStatus[];
  /** How many there are. */
  count: number;
  /** Of all its workers together. */
  shares: TimeShares | null;
  /** Records taken up so far, and in a second. */
  records: number;
  rate: number;
}

export interface ChannelState {
  channel: ChannelId;
  depth: number;
  /** Whether that is what the traced records make likely, since nothing was measured near the time. */
  approximate: boolean;
  capacity: number;
  /** The most there have been; null where that was not measured. */
  highest: number | null;
  /** Records that leave it in a second. */
  rate: number;
  /** Senders that wait since it is full, where every record is traced. */
  blocked: number;
}

export interface SceneState {
  /** Nanoseconds of the run. */
  time: number;
  stages: StageState[];
  channels: ChannelState[];
  /** One record in so many is traced. */
  sample: number;
  /** Whether the figures of channels are the log's, and not the last measured ones. */
  exact: boolean;
  metrics: Metrics | null;
  /** The moment that shares and rates are counted from; null for the beginning. */
  before: Metrics | null;
}

/** Nanoseconds over which shares and rates are taken. */
const WINDOW = 1e9;

/** Nanoseconds for which a measured depth may stand, where not every record is traced. */
const MAX_AGE = 120e6;

/** Whether the log has every record at this time. */
export function isExact(recording: Recording, time: number): boolean {
  const metrics = recording.snapshots.at(-1)?.metrics;
  return (
    recording.sampleAt(time) === 1 &&
    (metrics?.trace_dropped_records ?? 0) === 0 &&
    recording.log.dropped === 0
  );
}

export function sceneAt(
  recording: Recording,
  residencies: Residencies,
  time: number,
  fallback: { workers: readonly number[]; capacities: readonly number[] },
): SceneState {
  const now = recording.snapshotAt(time);
  // Over the whole run where it is over, or shorter than the window.
  const isEnd = recording.origin !== 'live' && time >= recording.duration;
  const before = isEnd || !now ? null : recording.snapshotAt(now.time - WINDOW);
  const exact = isExact(recording, time);
  const seconds = now ? (now.time - (before?.time ?? 0)) / 1e9 : 0;

  const stages = STAGES.map((stage, index): StageState => {
    const measured = workersOf(now?.metrics, stage);
    const earlier = workersOf(before?.metrics, stage);
    const count = workerCount(recording, residencies, index, time, fallback.workers[index] ?? 1);
    const workers = Array.from(
      { length: Math.min(count, MAX_LANES) },
      (_, worker): WorkerStatus => {
        const track = residencies.workers[index]?.[worker];
        const moment = track?.activity.at(time);
        const gauge = measured[worker];
        const traced = exact && moment && isPool(index) ? moment.state : undefined;
        const thread = track?.threads.at(time) ?? -1;
        return {
          state: stateOf(traced, gauge, isEnd),
          record: moment?.record ?? null,
          held: track?.heldCount.at(time) ?? 0,
          thread: exact && thread >= 0 ? thread : null,
          shares: now && sharesBetween(stage, now.metrics, before?.metrics, worker),
        };
      },
    );
    return {
      stage,
      workers,
      count,
      shares: now && sharesBetween(stage, now.metrics, before?.metrics),
      records: total(measured),
      rate: seconds > 0 ? (total(measured) - total(earlier)) / seconds : 0,
    };
  });

  const isFresh =
    isEnd || (now !== null && time - now.time < MAX_AGE && recording.origin === 'live');
  const channels = CHANNELS.map((channel, index): ChannelState => {
    const gauge = now?.metrics.channels[index];
    const passed = (gauge?.passed ?? 0) - (before?.metrics.channels[index]?.passed ?? 0);
    const capacity = capacityAt(recording, index, time) ?? fallback.capacities[index] ?? 1;
    const logged = residencies.occupancy(index, time);
    const approximate = !exact && !isFresh;
    const estimate = Math.min(capacity, logged * recording.sampleAt(time));
    return {
      channel,
      depth: exact ? logged : approximate ? estimate : (gauge?.depth ?? 0),
      approximate,
      capacity,
      highest: gauge?.highest_depth ?? null,
      rate: seconds > 0 ? passed / seconds : 0,
      blocked: exact ? (residencies.blockedSenders[index]?.at(time) ?? 0) : 0,
    };
  });

  return {
    ...{ time, stages, channels, exact },
    sample: recording.sampleAt(time),
    metrics: now?.metrics ?? null,
    before: before?.metrics ?? null,
  };
}

const total = (workers: readonly WorkerAggregate[]): number =>
  sumOf(workers, ({ records }) => records);

/** Those that were asked for, and those that still have something though they were sent away. */
function workerCount(
  recording: Recording,
  residencies: Residencies,
  stage: number,
  time: number,
  fallback: number,
): number {
  if (!isPool(stage)) return 1;
  let count = recording.workersAt(time)?.[stage - 1] ?? fallback;
  const tracks = residencies.workers[stage] ?? [];
  for (let worker = tracks.length - 1; worker >= count; worker -= 1) {
    if ((tracks[worker]?.heldCount.at(time) ?? 0) > 0) count = worker + 1;
  }
  return count;
}

function stateOf(
  traced: 'busy' | 'blocked' | 'waiting' | undefined,
  gauge: WorkerAggregate | undefined,
  isEnd: boolean,
): ShownState {
  if (isEnd) return null;
  return traced ?? (gauge ? gauge.state : 'waiting');
}
