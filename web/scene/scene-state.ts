// The text and the gauges of the picture at a time of a run; the graphics card draws the dots (position.ts). A pure
// function of the recording and the time.

import type { Metrics } from '../engine/generated/Metrics';
import type { WorkerState } from '../engine/generated/WorkerState';
import { capacityAt } from '../analysis/capacity';
import { isComplete, ledgerOf } from '../analysis/ledger';
import { metricsFromEvents } from '../analysis/metrics-from-events';
import { sharesBetween } from '../analysis/time-shares';
import type { TimeShares } from '../analysis/time-shares';
import { WORKER_STATES } from '../analysis/worker-state-machine';
import { gaugeOf, sumOf, workersOf } from '../recording/worker-aggregate';
import type { WorkerAggregate } from '../recording/worker-aggregate';
import { FIRST_CHANNEL } from '../recording/events';
import type { Recording } from '../recording/recording';
import type { Residencies } from '../recording/residencies';
import { timelineDataOf } from '../timeline/timeline-data';
import { cellsOf, workerForm } from './layout';

/** Null for a worker that has left the pool. */
export type ShownState = 'busy' | 'ready' | 'blocked' | 'waiting' | null;

export interface WorkerStatus {
  state: ShownState;
  /** The record that it has, if that is traced. */
  record: number | null;
  /** How many traced records it has. */
  held: number;
  /** The thread that it runs on, if known. */
  thread: number | null;
  /** The channel that it can't send to, if that is known. */
  blockedBy: number | null;
  /** How much of its work on the record is done, from 0 to 1; null unless its end is known. */
  progress: number | null;
}

export interface StageState {
  node: number;
  /** Its name for programs. */
  id: string;
  /** Those that are shown one by one. If each cell of a map stands for several, there are none. */
  workers: WorkerStatus[];
  /** The number of workers. */
  count: number;
  /** Of all workers together. */
  shares: TimeShares | null;
  /** Records taken up so far, and per second. */
  records: number;
  rate: number;
  /** For a stage at which records end: how many it has written or counted, if that is known. */
  finished: number | null;
  /** How many records it has besides the one at hand, until their turn comes; 0 unless every record is traced. */
  shelved: number;
}

export interface ChannelState {
  node: number;
  /** Its name for programs. */
  id: string;
  depth: number;
  /** Whether the depth is estimated from traced records, because nothing was measured near the time. */
  approximate: boolean;
  capacity: number;
  /** The highest depth so far; null if that wasn't measured. */
  highest: number | null;
  /** Records per second that leave the channel. */
  rate: number;
  /** How many senders are blocked because it is full, if every record is traced. */
  blocked: number;
}

export interface SceneState {
  /** Nanoseconds of the run. */
  time: number;
  stages: StageState[];
  channels: ChannelState[];
  /** One record in this many is traced. */
  sample: number;
  /** Whether the depths are those of the log rather than the last measured ones. */
  exact: boolean;
  metrics: Metrics | null;
  /** The metrics that shares and rates are relative to; null for the beginning. */
  before: Metrics | null;
}

/** The window over which shares and rates are computed, in nanoseconds. */
const WINDOW = 2e9;

/** How long a measured depth remains valid if not every record is traced, in nanoseconds. */
const MAX_AGE = 120e6;

/** Measured shares that are older are counted anew from the events, where these say everything; in nanoseconds. */
const MOST_SHARES_AGE = WINDOW / 4;

export function sceneAt(recording: Recording, residencies: Residencies, time: number): SceneState {
  const now = recording.snapshotAt(time);
  // Over the whole run once it has ended, or if it is shorter than the window.
  const isEnd = recording.isOverAt(time);
  const before = isEnd || !now ? null : recording.snapshotAt(now.time - WINDOW);
  const exact = recording.isExactAt(time);
  // What has been counted, and which record came first, is not known of a part of a run.
  const fromBeginning = recording.log.begin === 0;
  const seconds = now ? (now.time - (before?.time ?? 0)) / 1e9 : 0;
  const isNear = now !== null && time - now.time < MAX_AGE;
  // A simulation is measured seldom, if its speed isn't that on screen.
  const isOld = now === null || time - now.time > MOST_SHARES_AGE;
  const counted = isOld ? countedAt(recording, time, isEnd) : null;

  const { topology } = recording;
  const stages = topology.stages.map(({ node, id }): StageState => {
    const measured = workersOf(now?.metrics, id);
    const earlier = workersOf(before?.metrics, id);
    const count = workerCount(recording, residencies, node, time);
    const workers = Array.from({ length: shownOf(count) }, (_, worker): WorkerStatus => {
      const track = residencies.workers[node]?.[worker];
      const moment = track?.activity.at(time);
      const gauge = measured[worker];
      // A simulation made at once is measured seldom: what a worker did seconds ago isn't what it does.
      const isTold = exact && moment && (topology.isPool(node) || !gauge || !isNear);
      // Logs of earlier versions don't tell that a worker waits for a simulated core: the measurement of the moment does.
      const isMeasured = moment?.state === 'busy' && isNear && gauge?.state === 'ready';
      const lacks = track?.ready.at(time) === true || isMeasured;
      // A consumer that keeps records until their turn has some, and yet it waits.
      const told =
        isTold && !topology.isPool(node) ? toldState(recording, node, worker, time) : null;
      const traced = isTold ? (told ?? (lacks ? 'ready' : moment.state)) : undefined;
      const next = moment?.state === 'busy' ? track?.activity.next(time) : undefined;
      const since = next === undefined ? 0 : (track?.activity.since(time) ?? 0);
      const thread = track?.threads.at(time) ?? -1;
      return {
        state: stateOf(traced, gauge, isEnd),
        record: moment?.record ?? null,
        held: track?.heldCount.at(time) ?? 0,
        thread: exact && thread >= 0 ? thread : null,
        blockedBy: moment?.channel ?? null,
        progress: exact && next !== undefined ? (time - since) / (next - since) : null,
      };
    });
    return {
      ...{ node, id },
      workers,
      count,
      shares: counted
        ? sharesBetween(id, counted.now, counted.before)
        : now && sharesBetween(id, now.metrics, before?.metrics),
      records: total(measured),
      rate: seconds > 0 ? (total(measured) - total(earlier)) / seconds : 0,
      finished: !topology.isSink(node)
        ? null
        : exact && fromBeginning
          ? (residencies.finished[node]?.upTo(time) ?? 0)
          : finishedOf(now?.metrics ?? null, id),
      shelved:
        exact && fromBeginning && topology.isSink(node)
          ? (residencies.workers[node]?.[0]?.aside.at(time) ?? 0)
          : 0,
    };
  });

  const isFresh = isEnd || (isNear && recording.origin === 'live');
  const channels = topology.channels.map(({ node, id }): ChannelState => {
    const gauge = gaugeOf(now?.metrics, id);
    const passed = (gauge?.passed ?? 0) - (gaugeOf(before?.metrics, id)?.passed ?? 0);
    const capacity = capacityAt(recording, id, time);
    const logged = residencies.occupancy(node, time);
    const approximate = !exact && !isFresh;
    const estimate = Math.min(capacity, logged * recording.sampleAt(time));
    return {
      ...{ node, id },
      depth: exact ? logged : approximate ? estimate : (gauge?.depth ?? 0),
      approximate,
      capacity,
      highest: gauge?.highest_depth ?? null,
      rate: seconds > 0 ? passed / seconds : 0,
      blocked: exact ? (residencies.blockedSenders[node - FIRST_CHANNEL]?.at(time) ?? 0) : 0,
    };
  });

  return {
    ...{ time, stages, channels, exact },
    sample: recording.sampleAt(time),
    metrics: now?.metrics ?? null,
    before: before?.metrics ?? null,
  };
}

/** Returns the state of a worker as its events tell it; null if the log hasn't been read that far. */
function toldState(
  recording: Recording,
  stage: number,
  worker: number,
  time: number,
): WorkerState | null {
  const data = timelineDataOf(recording);
  const track = data.worker(stage, worker);
  if (!track || time > data.readUntil || !data.isExactAt(time)) return null;
  const index = track.indexAt(time);
  return index < track.begin ? null : (WORKER_STATES[track.value(index)] ?? null);
}

/**
 * Returns the metrics of a log without measurements at a time, and those that shares are relative to. Null unless every
 * record was traced and the log has been read that far. They are about stages as a whole, not about each worker.
 */
function countedAt(
  recording: Recording,
  time: number,
  isEnd: boolean,
): { now: Metrics; before: Metrics | undefined } | null {
  const ledger = ledgerOf(recording);
  const from = isEnd ? 0 : Math.max(0, time - WINDOW);
  const isRead = ledger.time >= time || ledger.end === recording.log.end;
  if (time <= 0 || !isRead || !isComplete(recording, from, time)) return null;
  return {
    now: metricsFromEvents(recording, time),
    before: from > 0 ? metricsFromEvents(recording, from) : undefined,
  };
}

/** Returns how many records a stage has written or counted according to the metrics, which know three by name. */
function finishedOf(metrics: Metrics | null, id: string): number | null {
  if (!metrics) return null;
  const { processed, failed } = metrics;
  if (id === 'loader') return processed;
  if (id === 'error_handler') return failed;
  return id === 'metrics_collector' ? processed + failed : null;
}

/** Returns how many of the workers of a stage are shown one by one. */
export const shownOf = (count: number): number =>
  workerForm(count) === 'rows' || cellsOf(count) === count ? count : 0;

const total = (workers: readonly WorkerAggregate[]): number =>
  sumOf(workers, ({ records }) => records);

/** The configured number of workers, plus retired ones that still have a record. */
function workerCount(
  recording: Recording,
  residencies: Residencies,
  stage: number,
  time: number,
): number {
  let count = recording.workersAt(stage, time);
  if (!recording.topology.isPool(stage)) return count;
  const tracks = residencies.workers[stage] ?? [];
  for (let worker = tracks.length - 1; worker >= count; worker -= 1) {
    if ((tracks[worker]?.heldCount.at(time) ?? 0) > 0) count = worker + 1;
  }
  return count;
}

function stateOf(
  traced: Exclude<ShownState, null> | undefined,
  gauge: WorkerAggregate | undefined,
  isEnd: boolean,
): ShownState {
  if (isEnd) return null;
  return traced ?? (gauge ? gauge.state : 'waiting');
}
