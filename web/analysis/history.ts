// What a worker did, or how full a channel was, in the last seconds: exactly, from the events, if every record is
// traced, and otherwise from the engine's measurements.

import { NONE } from '../recording/event-log';
import { KIND } from '../recording/events';
import type { Recording } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';
import { capacityAt } from './capacity';
import { isComplete, ledgerOf } from './ledger';
import type { TimeWindow } from './series';
import { sharesBetween } from './time-shares';
import type { TimeShares } from './time-shares';
import { WorkerStateMachine, workerKey, workerOf } from './worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';

/** How many events to look at. If there are more, the window is shortened. */
const MAX_EVENTS = 60_000;

/** How many events before the window usually suffice to know the state of a worker at its beginning. */
const WARM_UP = 5000;

/** How many steps are shown. */
const MAX_STEPS = 400;

/** A time during which a worker's state and record didn't change. */
export interface StateInterval {
  from: number;
  to: number;
  state: WorkerState;
  /** The record that it worked on; [`NONE`] if there was none. */
  record: number;
}

export type WorkerHistory =
  | { origin: 'events'; window: TimeWindow; intervals: StateInterval[]; hasMore: boolean }
  /** Time shares up to each measurement. */
  | {
      origin: 'measured';
      window: TimeWindow;
      shares: { from: number; to: number; shares: TimeShares }[];
    };

export interface DepthStep {
  time: number;
  depth: number;
}

export interface ChannelHistory {
  origin: 'events' | 'measured';
  window: TimeWindow;
  /** Each step holds until the next one. If there are many, each has the highest depth since the one before. */
  steps: DepthStep[];
  capacity: number;
}

/** @param stage the number of its node */
export function workerHistory(
  recording: Recording,
  stage: number,
  worker: number,
  window: TimeWindow,
): WorkerHistory {
  if (!isTraced(recording, window)) return measuredWorker(recording, stage, worker, window);
  const { log } = recording;
  const { recordIndex, end } = ledgerOf(recording);
  const last = Math.min(log.indexAfter(window.to), end);
  const first = Math.max(log.indexAfter(window.from), last - MAX_EVENTS, log.begin);
  const from = Math.max(window.from, first > log.begin ? log.time(first - 1) : window.from);

  const machine = new WorkerStateMachine(stage, recording);
  const key = workerKey(stage, worker);
  const intervals: StateInterval[] = [];
  let since = from;
  for (let index = Math.max(log.begin, first - WARM_UP); index < last; index += 1) {
    if (workerOf(recording, recordIndex, index) !== key) continue;
    const time = Math.max(from, log.time(index));
    const { state, record } = machine;
    machine.apply(log.kind(index), log.node(index), log.record(index));
    if (machine.state === state && recordOf(machine) === record) continue;
    add(intervals, { from: since, to: time, state, record: state === 'waiting' ? NONE : record });
    since = time;
  }
  const to = Math.max(from, Math.min(window.to, recording.duration));
  add(intervals, { from: since, to, state: machine.state, record: recordOf(machine) });
  return {
    origin: 'events',
    window: { from, to: window.to },
    intervals: intervals.slice(-MAX_STEPS),
    hasMore: from > window.from || intervals.length > MAX_STEPS,
  };
}

/** @param channel the number of its node */
export function channelHistory(
  recording: Recording,
  channel: number,
  window: TimeWindow,
): ChannelHistory {
  const id = recording.topology.idOf(channel);
  const capacity = capacityAt(recording, id, window.to);
  if (!isTraced(recording, window)) {
    const steps = recording.snapshots
      .filter(({ time }) => time >= window.from && time <= window.to)
      .map(({ time, metrics }) => ({ time, depth: gaugeOf(metrics, id)?.depth ?? 0 }));
    return { origin: 'measured', window, steps: downsampled(steps), capacity };
  }
  const { log } = recording;
  const ledger = ledgerOf(recording);
  const last = Math.min(log.indexAfter(window.to), ledger.end);
  const first = Math.max(log.indexAfter(window.from), last - MAX_EVENTS, log.begin);
  const from = Math.max(window.from, first > log.begin ? log.time(first - 1) : window.from);
  // Depths relative to the start of the window. The ledger knows the exact depth at its end.
  const changes: DepthStep[] = [];
  let depth = 0;
  for (let index = first; index < last; index += 1) {
    if (log.node(index) !== channel) continue;
    const kind = log.kind(index);
    if (kind !== KIND.arrive && kind !== KIND.depart) continue;
    depth += kind === KIND.arrive ? 1 : -1;
    changes.push({ time: log.time(index), depth });
  }
  const start = depthBefore(recording, channel, first, last, depth);
  const steps = [
    { time: from, depth: start },
    ...changes.map(({ time, depth }) => ({ time, depth: start + depth })),
  ];
  return { origin: 'events', window: { from, to: window.to }, steps: downsampled(steps), capacity };
}

/**
 * Returns the depth before an event. Between checkpoints the ledger is approximate, but no channel holds fewer than 0
 * records.
 */
function depthBefore(
  recording: Recording,
  channel: number,
  first: number,
  last: number,
  change: number,
): number {
  const { log } = recording;
  if (first === 0) return 0;
  const ledger = ledgerOf(recording);
  const totals = ledger.at(last > log.begin ? log.time(last - 1) : 0).channel(channel);
  return Math.max(0, Math.round(totals.arrived - totals.departed) - change);
}

function measuredWorker(
  recording: Recording,
  stage: number,
  worker: number,
  window: TimeWindow,
): WorkerHistory {
  const id = recording.topology.idOf(stage);
  const before = recording.snapshotAt(window.from);
  const within = recording.snapshots.filter(({ time }) => time > window.from && time <= window.to);
  const all = before ? [before, ...within] : within;
  const shares = all.flatMap((snapshot, at) => {
    const earlier = all[at - 1];
    if (!earlier && (at > 0 || window.from > 0)) return [];
    const found = sharesBetween(id, snapshot.metrics, earlier?.metrics, worker);
    const from = Math.max(window.from, earlier?.time ?? 0);
    return found ? [{ from, to: snapshot.time, shares: found }] : [];
  });
  return { origin: 'measured', window, shares: shares.slice(-MAX_STEPS) };
}

/** Whether the events of a window are exhaustive and still in the log. */
function isTraced(recording: Recording, { from, to }: TimeWindow): boolean {
  const { log } = recording;
  return isComplete(recording, from, to) && (log.begin === 0 || log.firstTime <= from);
}

function recordOf(machine: WorkerStateMachine): number {
  return machine.state === 'waiting' ? NONE : machine.record;
}

/** Adds an interval unless it is empty. Extends the last interval if it is adjacent and alike. */
function add(intervals: StateInterval[], interval: StateInterval): void {
  if (interval.to <= interval.from) return;
  const last = intervals.at(-1);
  if (
    last &&
    last.state === interval.state &&
    last.record === interval.record &&
    last.to === interval.from
  )
    last.to = interval.to;
  else intervals.push(interval);
}

/** Keeps the maximum of each group of steps, so that a full channel remains visible. */
function downsampled(steps: DepthStep[]): DepthStep[] {
  if (steps.length <= MAX_STEPS) return steps;
  const each = Math.ceil(steps.length / MAX_STEPS);
  const kept: DepthStep[] = [];
  for (let at = 0; at < steps.length; at += each) {
    const group = steps.slice(at, at + each);
    const first = group[0] as DepthStep;
    kept.push({ time: first.time, depth: Math.max(...group.map(({ depth }) => depth)) });
  }
  return kept;
}
