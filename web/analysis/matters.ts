// The moment of a run that matters: when the state that the verdict on the run names was reached for the first time.

import { count } from '../format';
import type { Recording } from '../recording/recording';
import type { Topology } from '../recording/topology';
import type { Diagnosis } from './bottleneck';
import { ENOUGH } from './headline-facts';
import { inSlices } from './in-slices';
import { ledgerOf } from './ledger';
import { limitAt } from './limit-at';
import { momentsOf, noticeableIn } from './moments';
import type { Moments } from './moments';

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
  const { duration, topology } = recording;
  const diagnosis = limitAt(recording, duration, cores)?.diagnosis ?? null;
  return momentThatMatters(diagnosis, topology, moments, {
    verdict: verdictFrom(recording),
    // The log may begin with what happened at 0.
    settings: recording.unchangedSince(duration) || -Infinity,
    longerThan: noticeableIn(duration),
  });
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

/** What counts, in nanoseconds. */
interface Since {
  verdict: number;
  settings: number;
  /** For how long somebody must be without work. */
  longerThan: number;
}

/**
 * Returns when the state that a diagnosis names was reached for the first time; null if nothing ever moved.
 *
 * @param since.verdict the time from which on somebody without work is one who could have had some, in nanoseconds: at the
 * beginning, everybody waits for the first record
 * @param since.longerThan for how long somebody must be without work
 * @param since.settings when the settings were changed for the last time, in nanoseconds: the diagnosis is about what came
 * after that
 */
export function momentThatMatters(
  diagnosis: Diagnosis | null,
  topology: Topology,
  moments: Moments,
  since: Since = { verdict: -Infinity, settings: -Infinity, longerThan: 0 },
): MomentThatMatters | null {
  const stage = topology.stages.find(({ id }) => id === diagnosis?.stage);
  return (
    (stage && beforeStage(stage.node, topology, moments, since)) ??
    ofLimit(diagnosis, topology, moments, since) ??
    fullest(moments)
  );
}

/** What is in front of the slowest stage fills up; a first stage leaves those behind it without work. */
function beforeStage(
  stage: number,
  topology: Topology,
  moments: Moments,
  since: Since,
): MomentThatMatters | null {
  if (topology.isSource(stage)) return firstIdle(topology, moments, since);
  const inputs = topology.inputsOf(stage);
  const full = earliest(
    inputs.flatMap((channel) => {
      const time = moments.next('full', since.settings, 1, { node: channel })?.time;
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
  since: Since,
): MomentThatMatters | null {
  switch (diagnosis?.limit) {
    case 'producer':
    case 'rate-limit':
      return firstIdle(topology, moments, since);
    case 'workers':
    case 'slow-consumer':
    case 'fan-out':
    case 'several':
    case 'cores':
    case 'capacity':
    case 'window':
    case 'batch': {
      const full = moments.next('full', since.settings, 1);
      return full && { time: full.time, title: fullTitle(topology, full.node) };
    }
    default:
      return null;
  }
}

function firstIdle(
  topology: Topology,
  moments: Moments,
  { verdict, settings, longerThan }: Since,
): MomentThatMatters | null {
  // Between two records, a worker is without work for a moment.
  const idle = moments.next('idle', Math.max(verdict, settings), 1, { longerThan });
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
