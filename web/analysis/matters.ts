// The moment of a run that matters: when the state that the verdict on the run names was reached for the first time.

import { count } from '../format';
import type { Metrics } from '../engine/generated/Metrics';
import type { Recording } from '../recording/recording';
import type { Topology } from '../recording/topology';
import { diagnose } from './bottleneck';
import type { Diagnosis } from './bottleneck';
import { ENOUGH } from './headline-facts';
import { inSlices } from './in-slices';
import { isComplete, ledgerOf } from './ledger';
import { metricsFromEvents } from './metrics-from-events';
import { momentsOf } from './moments';
import type { Moments } from './moments';
import { saturationOf } from './saturation';

export interface MomentThatMatters {
  /** Nanoseconds of the run. */
  time: number;
  /** What was reached, in a few words. */
  title: string;
}

/** A channel with fewer records than this is as good as empty: nothing waits behind it. */
const FEW = 2;

/** How a record can finish. */
const FINISHED = ['processed', 'invalid', 'transformation_error'] as const;

/** How exactly it is known from when on there is a verdict, in nanoseconds. */
const PRECISION = 1e5;

/** How many events are read between two looks at the clock. */
const EVENTS_PER_STEP = 2048;

/**
 * Finds the moment of a run that has ended, reading its log in slices.
 *
 * @param cores the number of cores of the machine that ran it
 * @param isWanted whether it still is
 * @returns null if nothing ever moved, or if it isn't wanted any more
 */
export async function findMoment(
  recording: Recording,
  cores: number,
  isWanted: () => boolean = () => true,
): Promise<MomentThatMatters | null> {
  const [ledger, moments] = [ledgerOf(recording), momentsOf(recording)];
  const isRead =
    (await inSlices(() => ledger.catchUp(EVENTS_PER_STEP), isWanted)) &&
    (await inSlices(() => moments.catchUp(EVENTS_PER_STEP), isWanted));
  if (!isRead) return null;
  return momentThatMatters(
    verdictOf(recording, cores),
    recording.topology,
    moments,
    verdictFrom(recording),
  );
}

/** Returns when enough records had finished for a verdict, in nanoseconds; the end if that never was. */
function verdictFrom(recording: Recording): number {
  const { duration } = recording;
  const ledger = ledgerOf(recording);
  const done = (time: number) => {
    const totals = ledger.at(time);
    return FINISHED.reduce((sum, outcome) => sum + totals.finished(outcome), 0);
  };
  // Fewer than enough at `low`, enough from `high` on.
  let [low, high] = [0, duration];
  while (high - low > PRECISION) {
    const middle = (low + high) / 2;
    if (done(middle) < ENOUGH) low = middle;
    else high = middle;
  }
  return high;
}

/** Diagnoses what limited a run as a whole, or since its settings were last changed; null if too little is known. */
function verdictOf(recording: Recording, cores: number): Diagnosis | null {
  const { duration } = recording;
  const from = recording.unchangedSince(duration);
  const [now, before] = measuredFrom(recording, from) ?? countedFrom(recording, from) ?? [];
  if (!now) return null;
  const saturation = saturationOf(recording, { from, to: duration });
  const config = recording.configAt(duration);
  return diagnose(now, before, config, cores, saturation, recording.topology);
}

function measuredFrom(recording: Recording, from: number): [Metrics, Metrics | undefined] | null {
  const last = recording.snapshots.at(-1)?.metrics;
  if (!last) return null;
  return [last, from > 0 ? recording.snapshotAt(from)?.metrics : undefined];
}

function countedFrom(recording: Recording, from: number): [Metrics, Metrics | undefined] | null {
  const { duration } = recording;
  if (!isComplete(recording, from, duration)) return null;
  return [
    metricsFromEvents(recording, duration),
    from > 0 ? metricsFromEvents(recording, from) : undefined,
  ];
}

/**
 * Returns when the state that a diagnosis names was reached for the first time; null if nothing ever moved.
 *
 * @param from the time from which on somebody without work is one who could have had some, in nanoseconds: at the
 * beginning, everybody waits for the first record
 */
export function momentThatMatters(
  diagnosis: Diagnosis | null,
  topology: Topology,
  moments: Moments,
  from = -Infinity,
): MomentThatMatters | null {
  const stage = topology.stages.find(({ id }) => id === diagnosis?.stage);
  return (
    (stage && beforeStage(stage.node, topology, moments, from)) ??
    ofLimit(diagnosis, topology, moments, from) ??
    fullest(moments)
  );
}

/** What is in front of the slowest stage fills up; a first stage leaves those behind it without work. */
function beforeStage(
  stage: number,
  topology: Topology,
  moments: Moments,
  from: number,
): MomentThatMatters | null {
  if (topology.isSource(stage)) return firstIdle(topology, moments, from);
  const inputs = topology.inputsOf(stage);
  const full = earliest(
    inputs.flatMap((channel) => {
      const time = moments.firstFull(channel)?.time;
      return time === undefined ? [] : [{ time, title: fullTitle(topology, channel) }];
    }),
  );
  return (
    full ??
    earliest(
      inputs.flatMap((channel) => {
        const deepest = moments.deepest(channel);
        if (!deepest || deepest.depth < FEW) return [];
        const title = `Most in ${topology.nameOf(channel)}: ${count(deepest.depth)}`;
        return [{ time: deepest.time, title }];
      }),
    )
  );
}

function ofLimit(
  diagnosis: Diagnosis | null,
  topology: Topology,
  moments: Moments,
  from: number,
): MomentThatMatters | null {
  switch (diagnosis?.limit) {
    case 'producer':
    case 'rate-limit':
      return firstIdle(topology, moments, from);
    case 'workers':
    case 'slow-consumer':
    case 'fan-out':
    case 'several':
    case 'cores':
    case 'capacity':
    case 'window':
    case 'batch': {
      const full = moments.next('full', -Infinity, 1);
      return full && { time: full.time, title: fullTitle(topology, full.node) };
    }
    default:
      return null;
  }
}

function firstIdle(topology: Topology, moments: Moments, from: number): MomentThatMatters | null {
  const idle = moments.next('idle', from, 1);
  if (!idle) return null;
  return { time: idle.time, title: `${topology.workerName(idle.node, idle.worker)} without work` };
}

function fullest({ fullest }: Moments): MomentThatMatters | null {
  return fullest === null ? null : { time: fullest, title: 'Most records in channels' };
}

function fullTitle(topology: Topology, channel: number): string {
  return `${topology.nameOf(channel)} full`;
}

function earliest(moments: readonly MomentThatMatters[]): MomentThatMatters | null {
  return moments.reduce<MomentThatMatters | null>(
    (first, moment) => (first && first.time <= moment.time ? first : moment),
    null,
  );
}
